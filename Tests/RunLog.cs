using Microsoft.Extensions.Logging;

namespace Tests;

/// <summary>
/// What the shared host logs during a whole run, in a file beside the tests: <c>run.log</c>. CI looks for secrets in it.
/// </summary>
sealed class RunLog : ILoggerProvider
{
    readonly StreamWriter _file = File.CreateText(Path.Combine(AppContext.BaseDirectory, "run.log"));

    public ILogger CreateLogger(string categoryName) => new Logger(this, categoryName);

    public void Dispose()
    {
        lock (_file)
            _file.Dispose();
    }

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
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            // The API's own have members that the text may leave out, and that those who log JSON write, too.
            var members = category.StartsWith("SliceApi", StringComparison.Ordinal)
                ? state as IEnumerable<KeyValuePair<string, object?>> ?? []
                : [];
            log.Write($"{logLevel} {category} {formatter(state, exception)} {string.Join(' ', members)} {exception}");
        }
    }
}
