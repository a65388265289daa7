namespace SliceApi.Infrastructure.Hosting;

/// <summary>
/// The program cannot start, and whoever starts it can mend it: the message says what is wrong and what to do.
/// It is printed without a stack, and the program ends with exit code 1.
/// </summary>
public sealed class StartupException(string message, Exception? inner = null) : Exception(message, inner);
