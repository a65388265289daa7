using System.Buffers;
using System.Collections;
using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using SliceApi.Infrastructure.Http;

namespace SliceApi.Infrastructure.Hosting;

/// <summary>What is logged so often that a message beside its fields would be a waste.</summary>
interface IJsonFields
{
    /// <summary>Writes properties, and of values that a client may choose no more than is needed.</summary>
    void Write(Utf8JsonWriter json);
}

/// <summary>
/// Logs one JSON object a line. Whoever logs only formats the line: writing is <see cref="LogOutput"/>'s. Control
/// characters are escaped and long values cut, so that nothing that is logged can forge a line or fill the disk.
/// </summary>
sealed class JsonLog(LogOutput output, TimeProvider clock) : ILoggerProvider
{
    /// <summary>What is kept of a message or a value, in characters.</summary>
    public const int MaxTextLength = 1024;

    /// <summary>What is kept of an exception with its stack, in characters.</summary>
    public const int MaxExceptionLength = 16 * 1024;

    /// <inheritdoc/>
    public ILogger CreateLogger(string categoryName) => new Logger(categoryName, output, clock);

    // The container lets go of the output, later.
    /// <inheritdoc/>
    public void Dispose()
    {
    }

    sealed class Logger(string category, LogOutput output, TimeProvider clock) : ILogger
    {
        // A scope is not written: the request's id comes with every line by itself.
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull
            => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel != LogLevel.None;

        public void Log<TState>(
            LogLevel logLevel,
            EventId eventId,
            TState state,
            Exception? exception,
            Func<TState, Exception?, string> formatter)
        {
            var line = Line.Rent();
            var json = line.Json;
            json.WriteStartObject();
            Span<byte> time = stackalloc byte[28];
            clock.GetUtcNow().UtcDateTime.TryFormat(time, out var length, "O", CultureInfo.InvariantCulture);
            json.WriteString(Names.Time, time[..length]);
            json.WriteString(Names.Level, Names.Of(logLevel));
            json.WriteString(Names.Category, category);
            if (eventId.Name is { } name)
                json.WriteString(Names.Event, name);
            if (RequestContext.RequestId is { } requestId)
                json.WriteString(Names.RequestId, requestId);
            if (Activity.Current is { Recorded: true } activity)
                json.WriteString(Names.TraceId, activity.TraceId.ToHexString());
            if (state is IJsonFields self)
                WriteFields(json, self);
            else
                json.WriteString(Names.Message, Cut(formatter(state, exception), MaxTextLength));
            if (state is IReadOnlyList<KeyValuePair<string, object?>> { Count: > 1 } fields)
                WriteFields(json, fields);
            if (exception is not null)
                json.WriteString(Names.Exception, Cut(exception.ToString(), MaxExceptionLength));
            json.WriteEndObject();
            output.Write(line.End(), atOnce: logLevel >= LogLevel.Warning);
            Line.Return(line);
        }

        static void WriteFields(Utf8JsonWriter json, IJsonFields self)
        {
            json.WriteStartObject(Names.Fields);
            self.Write(json);
            json.WriteEndObject();
        }

        static void WriteFields(Utf8JsonWriter json, IReadOnlyList<KeyValuePair<string, object?>> fields)
        {
            json.WriteStartObject(Names.Fields);
            for (var i = 0; i < fields.Count; i++)
            {
                var (name, value) = fields[i];
                // The last is the message's template.
                if (name == "{OriginalFormat}")
                    continue;
                json.WritePropertyName(Names.Of(name));
                WriteValue(json, value);
            }

            json.WriteEndObject();
        }

        static void WriteValue(Utf8JsonWriter json, object? value)
        {
            switch (value)
            {
                case null:
                    json.WriteNullValue();
                    break;
                case string text:
                    json.WriteStringValue(Cut(text, MaxTextLength));
                    break;
                case bool truth:
                    json.WriteBooleanValue(truth);
                    break;
                case int number:
                    json.WriteNumberValue(number);
                    break;
                case long number:
                    json.WriteNumberValue(number);
                    break;
                case double number when double.IsFinite(number):
                    json.WriteNumberValue(number);
                    break;
                case Guid id:
                    json.WriteStringValue(id);
                    break;
                case IEnumerable many:
                    json.WriteStringValue(Cut(string.Join(", ", many.Cast<object?>()), MaxTextLength));
                    break;
                default:
                    json.WriteStringValue(Cut(Convert.ToString(value, CultureInfo.InvariantCulture), MaxTextLength));
                    break;
            }
        }

        static ReadOnlySpan<char> Cut(string? text, int length) => text.AsSpan(0, Math.Min(text?.Length ?? 0, length));
    }

    // One for each thread that logs.
    sealed class Line
    {
        const int MaxKeptBytes = 64 * 1024;

        [ThreadStatic]
        static Line? _kept;

        readonly ArrayBufferWriter<byte> _bytes = new(1024);

        Line() => Json = new Utf8JsonWriter(_bytes);

        public Utf8JsonWriter Json { get; }

        // Taken away while it is used: what is logged may log while it is turned into text.
        public static Line Rent()
        {
            var line = _kept ?? new Line();
            _kept = null;
            return line;
        }

        public ReadOnlySpan<byte> End()
        {
            Json.Flush();
            _bytes.Write("\n"u8);
            return _bytes.WrittenSpan;
        }

        public static void Return(Line line)
        {
            if (line._bytes.Capacity > MaxKeptBytes)
                return;
            line._bytes.ResetWrittenCount();
            line.Json.Reset();
            _kept = line;
        }
    }

    static class Names
    {
        public static readonly JsonEncodedText Time = JsonEncodedText.Encode("time");
        public static readonly JsonEncodedText Level = JsonEncodedText.Encode("level");
        public static readonly JsonEncodedText Category = JsonEncodedText.Encode("category");
        public static readonly JsonEncodedText Event = JsonEncodedText.Encode("event");
        public static readonly JsonEncodedText RequestId = JsonEncodedText.Encode("requestId");
        public static readonly JsonEncodedText TraceId = JsonEncodedText.Encode("traceId");
        public static readonly JsonEncodedText Message = JsonEncodedText.Encode("message");
        public static readonly JsonEncodedText Fields = JsonEncodedText.Encode("fields");
        public static readonly JsonEncodedText Exception = JsonEncodedText.Encode("exception");

        static readonly JsonEncodedText[] Levels =
            [.. Enum.GetNames<LogLevel>().Select(level => JsonEncodedText.Encode(level))];

        // The placeholders of message templates: as many as there are in the code.
        static readonly ConcurrentDictionary<string, JsonEncodedText> FieldNames = new();

        public static JsonEncodedText Of(LogLevel level) => Levels[(int)level];

        public static JsonEncodedText Of(string name)
            => FieldNames.GetOrAdd(
                name, static name => JsonEncodedText.Encode(JsonNamingPolicy.CamelCase.ConvertName(name)));
    }
}
