using System.Diagnostics;
using System.Text;

namespace Tests;

/// <summary>strace on a server: writes down its system calls in their order, or makes some of them fail.</summary>
sealed class Tracer : IAsyncDisposable
{
    static readonly TimeSpan Deadline = TimeSpan.FromSeconds(20);

    readonly Process _strace;
    readonly string _file = TestFolder.New() + ".trace";
    readonly TaskCompletionSource _attached = new(TaskCreationOptions.RunContinuationsAsynchronously);
    readonly StringBuilder _said = new();
    readonly Task _read;

    Tracer(int process, string[] arguments)
    {
        string[] all = ["-f", "-y", "-p", process.ToString(), "-o", _file, .. arguments];
        var start = new ProcessStartInfo(Programs.Require("strace"), all) { RedirectStandardError = true };
        _strace = Process.Start(start)!;
        _read = ReadAsync();
    }

    /// <summary>Begins with all threads of the server.</summary>
    /// <param name="server">A server that runs.</param>
    /// <param name="arguments">strace's, naming the calls and what is to become of them.</param>
    public static async Task<Tracer> AttachAsync(ServerProcess server, params string[] arguments)
    {
        var tracer = new Tracer(server.Id, arguments);
        await Task.WhenAny(tracer._attached.Task, tracer._read)
            .WaitAsync(Deadline, TestContext.Current.CancellationToken);
        if (tracer._attached.Task.IsCompleted)
            return tracer;
        await tracer.DisposeAsync();
        Programs.Missing($"strace may not look into other processes here (as root it may): {tracer._said}");
        return tracer;
    }

    /// <summary>Whether one system call so far has all of these in its line.</summary>
    public async Task<bool> HasSeenAsync(params string[] parts)
    {
        await using var file = new FileStream(_file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var reader = new StreamReader(file);
        var lines = (await reader.ReadToEndAsync(TestContext.Current.CancellationToken)).Split('\n');
        return lines.Any(line => parts.All(part => line.Contains(part, StringComparison.Ordinal)));
    }

    /// <summary>Lets go of the server, which goes on as if nothing had been.</summary>
    /// <returns>The system calls, one a line, as strace writes them.</returns>
    public async Task<string[]> DetachAsync()
    {
        const int terminate = 15;
        Assert.Equal(0, ServerProcess.Signal(_strace.Id, terminate));
        await _strace.WaitForExitAsync(TestContext.Current.CancellationToken)
            .WaitAsync(Deadline, TestContext.Current.CancellationToken);
        return await File.ReadAllLinesAsync(_file, TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_strace.HasExited)
        {
            _strace.Kill();
            await _strace.WaitForExitAsync(CancellationToken.None);
        }

        _strace.Dispose();
        File.Delete(_file);
    }

    async Task ReadAsync()
    {
        while (await _strace.StandardError.ReadLineAsync() is { } line)
        {
            _said.AppendLine(line);
            if (line.Contains(" attached", StringComparison.Ordinal))
                _attached.TrySetResult();
        }
    }
}
