using System.Buffers;
using System.Diagnostics;
using System.Text.Json;

namespace SliceApi.Infrastructure.Hosting;

/// <summary>
/// Writes lines to a stream on a thread of its own, many at a time. Whoever logs never waits for the stream: when it
/// does not keep up, or its disk is full, lines are dropped and counted, and the number is written when it goes on.
/// </summary>
sealed class LogOutput : IDisposable
{
    /// <summary>How much may wait, in bytes; what comes beyond it is dropped.</summary>
    public const int MaxWaitingBytes = 4 * 1024 * 1024;

    // Enough to be worth a write.
    const int ManyBytes = 64 * 1024;

    // Lines that come in quick succession share a write; the first after a pause, and what is urgent, does not wait.
    static readonly TimeSpan Gathering = TimeSpan.FromMilliseconds(10);
    static readonly TimeSpan PauseAfterFault = TimeSpan.FromSeconds(1);
    static readonly TimeSpan MaxFarewell = TimeSpan.FromSeconds(2);

    readonly object _lock = new();
    readonly Stream _stream;
    readonly TimeProvider _clock;
    readonly Thread _thread;
    ArrayBufferWriter<byte> _waiting = new();
    ArrayBufferWriter<byte> _leaving = new();
    long _waitingLines;
    long _dropped;
    bool _idle;
    bool _urgent;
    bool _ending;

    /// <summary>Writes to <paramref name="stream"/>, which remains the caller's.</summary>
    public LogOutput(Stream stream, TimeProvider clock)
    {
        _stream = stream;
        _clock = clock;
        _thread = new Thread(Loop) { Name = "log", IsBackground = true };
        _thread.Start();
    }

    /// <summary>Takes a whole line with its end, or drops it.</summary>
    public void Write(ReadOnlySpan<byte> line, bool atOnce)
    {
        lock (_lock)
        {
            if (_ending || _waiting.WrittenCount + line.Length > MaxWaitingBytes)
            {
                _dropped++;
                return;
            }

            _waiting.Write(line);
            _waitingLines++;
            _urgent |= atOnce || _waiting.WrittenCount >= ManyBytes;
            if (_idle || _urgent)
                Monitor.Pulse(_lock);
        }
    }

    /// <summary>Writes what waits, unless the stream does not take it within two seconds.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            _ending = true;
            Monitor.Pulse(_lock);
        }

        _thread.Join(MaxFarewell);
    }

    void Loop()
    {
        var torn = false;
        while (Next() is var (lines, dropped))
        {
            try
            {
                if (torn)
                    _stream.Write("\n"u8);
                _stream.Write(_leaving.WrittenSpan);
                if (dropped > 0)
                    _stream.Write(Confession(dropped));
                _stream.Flush();
                torn = false;
                Pause(Gathering, evenIfUrgent: false);
            }
            // A full disk, say.
            catch (IOException)
            {
                // Part of it may have been written: what comes next must not begin in the middle of a line.
                torn = true;
                if (Lose(lines + dropped))
                    return;
                Pause(PauseAfterFault, evenIfUrgent: true);
            }
        }
    }

    // At the end there is nobody left to tell.
    bool Lose(long lines)
    {
        lock (_lock)
        {
            _dropped += lines;
            return _ending;
        }
    }

    // What has gathered; null at the end.
    (long Lines, long Dropped)? Next()
    {
        lock (_lock)
        {
            _idle = true;
            while (_waitingLines == 0 && _dropped == 0 && !_ending)
                Monitor.Wait(_lock);
            _idle = false;
            if (_waitingLines == 0 && _dropped == 0)
                return null;
            (_waiting, _leaving) = (_leaving, _waiting);
            _waiting.ResetWrittenCount();
            var taken = (_waitingLines, _dropped);
            (_waitingLines, _dropped, _urgent) = (0, 0, false);
            return taken;
        }
    }

    void Pause(TimeSpan time, bool evenIfUrgent)
    {
        lock (_lock)
        {
            var until = Stopwatch.GetTimestamp() + (long)(time.TotalSeconds * Stopwatch.Frequency);
            while (!_ending && (evenIfUrgent || !_urgent))
            {
                var left = Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), until);
                if (left <= TimeSpan.Zero || !Monitor.Wait(_lock, left))
                    return;
            }
        }
    }

    // As JsonLog writes them.
    byte[] Confession(long lines)
        =>
        [
            .. JsonSerializer.SerializeToUtf8Bytes(new
            {
                time = _clock.GetUtcNow().UtcDateTime,
                level = nameof(LogLevel.Warning),
                category = "SliceApi.Log",
                @event = "log.dropped",
                message = $"{lines} lines were dropped: the output did not keep up",
                fields = new { lines },
            }),
            .. "\n"u8,
        ];
}
