namespace Tests;

/// <summary>A server that the tests of a class share, on a folder of its own.</summary>
public class SharedServer : IAsyncLifetime
{
    readonly string _folder = TestFolder.New();
    readonly string[] _settings;

    public SharedServer()
        : this([])
    {
    }

    protected SharedServer(params string[] settings) => _settings = settings;

    internal ServerProcess Process { get; private set; } = null!;

    public HttpClient Client => Process.Client;

    public virtual async ValueTask InitializeAsync() => Process = await ServerProcess.StartAsync(_folder, _settings);

    public virtual async ValueTask DisposeAsync()
    {
        if (Process is not null)
            await Process.DisposeAsync();
        TestFolder.Delete(_folder);
        GC.SuppressFinalize(this);
    }
}
