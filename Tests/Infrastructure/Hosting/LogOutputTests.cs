using System.Text;
using System.Text.Json;
using SliceApi.Infrastructure.Hosting;

namespace Tests.Infrastructure.Hosting;

/// <summary>What becomes of log lines when nobody takes them.</summary>
public sealed class LogOutputTests
{
    const int LineBytes = 1000;
    const int Fitting = LogOutput.MaxWaitingBytes / LineBytes;

    static readonly byte[] Line = Encoding.UTF8.GetBytes($"\"{new string('x', LineBytes - 3)}\"\n");

    [Fact]
    public async Task Whoever_logs_does_not_wait_for_a_stream_that_stands_still_and_the_lost_lines_are_counted()
    {
        using var stream = new StandingStream();
        using (var output = new LogOutput(stream, TimeProvider.System))
        {
            output.Write(Line, atOnce: true);
            await stream.Reached.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
            for (var i = 0; i < Fitting + 7; i++)
                output.Write(Line, atOnce: false);
            stream.GoOn();
        }

        var lines = Lines(stream);
        Assert.Equal(1 + Fitting + 1, lines.Length);
        var last = JsonElement.Parse(lines[^1]);
        Assert.Equal("log.dropped", last.GetProperty("event").GetString());
        Assert.Equal(7, last.GetProperty("fields").GetProperty("lines").GetInt32());
    }

    [Fact]
    public async Task After_a_full_disk_it_writes_on_and_begins_a_new_line()
    {
        using var stream = new StandingStream { IsFull = true };
        stream.GoOn();
        using var output = new LogOutput(stream, TimeProvider.System);
        output.Write(Line, atOnce: true);
        await stream.Reached.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
        stream.IsFull = false;
        await Wait.UntilAsync(
            () => Task.FromResult(
                Encoding.UTF8.GetString(stream.Written).Contains("log.dropped", StringComparison.Ordinal)),
            "the loss is told");
        var lines = Lines(stream);
        Assert.Equal(2, lines.Length);
        Assert.Equal(1, JsonElement.Parse(lines[^1]).GetProperty("fields").GetProperty("lines").GetInt32());
    }

    [Fact]
    public async Task What_was_dropped_before_a_full_disk_is_counted_with_what_the_disk_did_not_take()
    {
        using var stream = new StandingStream();
        using var output = new LogOutput(stream, TimeProvider.System);
        output.Write(Line, atOnce: true);
        await stream.Reached.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
        for (var i = 0; i < Fitting + 7; i++)
            output.Write(Line, atOnce: false);
        // The next write: the first has begun.
        stream.IsFull = true;
        stream.GoOn();
        await Wait.UntilAsync(() => Task.FromResult(stream.Written.Length > LineBytes), "the disk is full");
        stream.IsFull = false;
        await Wait.UntilAsync(
            () => Task.FromResult(
                Encoding.UTF8.GetString(stream.Written).Contains("log.dropped", StringComparison.Ordinal)),
            "the loss is told");
        var told = JsonElement.Parse(Lines(stream)[^1]);
        Assert.Equal(Fitting + 7, told.GetProperty("fields").GetProperty("lines").GetInt32());
    }

    [Fact]
    public void What_was_logged_is_written_before_the_end()
    {
        using var stream = new StandingStream();
        stream.GoOn();
        using (var output = new LogOutput(stream, TimeProvider.System))
        {
            for (var i = 0; i < 100; i++)
                output.Write(Line, atOnce: false);
        }

        Assert.Equal(100, Lines(stream).Length);
    }

    [Fact]
    public async Task The_server_serves_although_the_disk_behind_its_output_is_full()
    {
        if (!OperatingSystem.IsLinux())
            Programs.Missing("/dev/full is Linux's.");
        var folder = TestFolder.New();
        await using (var server = await ServerProcess.StartSilentAsync(folder))
        {
            for (var i = 0; i < 3; i++)
            {
                var email = $"ada-{i}@example.com";
                await Requests.SendAsync(
                    server.Client,
                    HttpMethod.Post,
                    "/api/v1/auth/register",
                    Requests.Json($$"""{"email":"{{email}}","password":"a fine password","name":"Ada"}"""))
                    .DataAsync(HttpStatusCode.Created);
            }

            Assert.Equal(0, await server.StopAsync());
        }

        TestFolder.Delete(folder);
    }

    static string[] Lines(StandingStream stream)
        => Encoding.UTF8.GetString(stream.Written).Split('\n', StringSplitOptions.RemoveEmptyEntries);

    // Takes nothing until it may go on; when it is full, the first few bytes of each write and then no more.
    sealed class StandingStream : Stream
    {
        readonly MemoryStream _written = new();
        readonly ManualResetEventSlim _goOn = new();
        readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Reached => _reached.Task;

        public volatile bool IsFull;

        public byte[] Written
        {
            get
            {
                lock (_written)
                    return _written.ToArray();
            }
        }

        public void GoOn() => _goOn.Set();

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            var full = IsFull;
            _reached.TrySetResult();
            _goOn.Wait();
            lock (_written)
                _written.Write(full ? buffer[..Math.Min(5, buffer.Length)] : buffer);
            if (full)
                throw new IOException("No space left on device");
        }

        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override void Flush()
        {
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

        protected override void Dispose(bool disposing)
        {
            _goOn.Dispose();
            base.Dispose(disposing);
        }
    }
}
