using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using SliceApi.Infrastructure.Http;

namespace Tests;

/// <summary>What went wrong inside the API, by request: a client is only told that something did.</summary>
sealed class Faults : ILoggerProvider
{
    readonly ConcurrentDictionary<string, Exception> _byRequest = new();

    /// <summary>Fails, with what was logged, when the API says that the fault is its own.</summary>
    public void Check(HttpResponseMessage response)
    {
        if (response.StatusCode != HttpStatusCode.InternalServerError)
            return;
        var id = Assert.Single(response.Headers.GetValues("X-Request-Id"));
        throw new InvalidOperationException("The API was at fault.", _byRequest.GetValueOrDefault(id));
    }

    public ILogger CreateLogger(string categoryName) => new Logger(this);

    public void Dispose() { }

    sealed class Logger(Faults faults) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull
            => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Error;

        public void Log<TState>(
            LogLevel logLevel,
            EventId eventId,
            TState state,
            Exception? exception,
            Func<TState, Exception?, string> formatter)
        {
            if (exception is not null && RequestContext.RequestId is { } id)
                faults._byRequest[id] = exception;
        }
    }
}
