using System.Reflection;

namespace Tests.Architecture;

/// <summary>
/// The members of FastEndpoints, FusionCache and Argon2 that the application may name: those that the stand-ins have and
/// that behave alike in both. A new one is added here together with its stand-in and its shape test.
/// </summary>
static class LibraryMembers
{
    public static readonly string[] Libraries = ["FastEndpoints", "ZiggyCreatures.Caching.Fusion", "Isopoh.Cryptography.Argon2"];

    public static readonly HashSet<string> Allowed = [];

    /// <summary>Type and member without generic arguments: <c>Endpoint.Post</c>; a property stands for its accessors.</summary>
    public static string NameOf(MemberInfo member)
    {
        var type = Plain((member as Type ?? member.DeclaringType!).Name);
        return member switch
        {
            Type => type,
            ConstructorInfo => $"{type}.new",
            MethodBase { IsSpecialName: true } method when method.Name.StartsWith("get_", StringComparison.Ordinal)
                || method.Name.StartsWith("set_", StringComparison.Ordinal) => $"{type}.{method.Name[4..]}",
            _ => $"{type}.{Plain(member.Name)}",
        };
    }

    static string Plain(string name) => name.Split('`')[0];
}
