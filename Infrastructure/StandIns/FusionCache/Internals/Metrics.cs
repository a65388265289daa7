using System.Diagnostics.Metrics;

namespace ZiggyCreatures.Caching.Fusion.Internals;

/// <summary>The measurements of all caches of the process.</summary>
static class Metrics
{
    public static readonly KeyValuePair<string, object?> Stale = new("fusioncache.stale", true);
    public static readonly KeyValuePair<string, object?> Fresh = new("fusioncache.stale", false);
    static readonly Meter Meter = new("ZiggyCreatures.Caching.Fusion");
    public static readonly Counter<long> Hit = Meter.CreateCounter<long>("fusioncache.cache.hit");
    public static readonly Counter<long> Miss = Meter.CreateCounter<long>("fusioncache.cache.miss");
    public static readonly Counter<long> Set = Meter.CreateCounter<long>("fusioncache.cache.set");
    public static readonly Counter<long> Remove = Meter.CreateCounter<long>("fusioncache.cache.remove");
    public static readonly Counter<long> Expire = Meter.CreateCounter<long>("fusioncache.cache.expire");
    public static readonly Counter<long> RemoveByTag = Meter.CreateCounter<long>("fusioncache.cache.remove_by_tag");
    public static readonly Counter<long> Clear = Meter.CreateCounter<long>("fusioncache.cache.clear");
    public static readonly Counter<long> FailSafe = Meter.CreateCounter<long>("fusioncache.cache.failsafe_activate");
    public static readonly Counter<long> Success = Meter.CreateCounter<long>("fusioncache.factory.success");
    public static readonly Counter<long> Error = Meter.CreateCounter<long>("fusioncache.factory.error");
    public static readonly Counter<long> Timeout = Meter.CreateCounter<long>("fusioncache.factory.synthetic_timeout");
    public static readonly Counter<long> EagerRefresh = Meter.CreateCounter<long>("fusioncache.factory.eager_refresh");
}
