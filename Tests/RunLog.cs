using Microsoft.Extensions.Logging;

namespace Tests;

/// <summary>
/// What the API logs during a whole run, for CI to look for secrets in: a file for each process that logs, in the
/// folder that the variable <c>TEST_LOGS</c> names. Without it, nothing is kept.
/// </summary>
sealed class RunLog : ILoggerProvider
{
    readonly StreamWriter _file = File.CreateText(PathOf("tests", Environment.ProcessId));

    /// <summary>Whether anybody asked for it.</summary>
    public static bool IsWanted => Folder is { Length: > 0 };

    static string? Folder => Environment.GetEnvironmentVariable("TEST_LOGS");

    /// <summary>Keeps what a server has printed to its log, which is each line that is a JSON object.</summary>
    public static void Keep(int process, string printed)
    {
        if (IsWanted)
            File.AppendAllLines(PathOf("server", process), printed.Split('\n').Where(line => line.StartsWith('{')));
    }

    public ILogger CreateLogger(string categoryName) => new Logger(this, categoryName);

    public void Dispose()
    {
        lock (_file)
            _file.Dispose();
    }

    static string PathOf(string who, int process) => Path.Combine(Folder!, $"{who}-{process}.log");

    void Write(string line)
    {
        lock (_file)
            _file.WriteLine(line);
    }

    sealed class Logger(RunLog log, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull
            => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel,
            EventId eventId,
            TState state,
            Exception? exception,
            Func<TState, Exception?, string> formatter)
        {
            // The API's own have members that the text may leave out, and that those who log JSON write, too.
            var members = category.StartsWith("SliceApi", StringComparison.Ordinal)
                ? state as IEnumerable<KeyValuePair<string, object?>> ?? []
                : [];
            var text = $"{logLevel} {category} {formatter(state, exception)} {string.Join(' ', members)} {exception}";
            log.Write(text.ReplaceLineEndings(" "));
        }
    }
}
