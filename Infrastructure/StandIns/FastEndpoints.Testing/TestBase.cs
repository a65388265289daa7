using Xunit;

namespace FastEndpoints.Testing;

/// <summary>A class of tests.</summary>
public abstract class TestBase : IAsyncLifetime
{
    /// <summary>The running test.</summary>
    protected static ITestContext Context => TestContext.Current;
    /// <summary>Ends with the running test.</summary>
    protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;
    /// <summary>Writes into the running test's report.</summary>
    protected static ITestOutputHelper Output
        => TestContext.Current.TestOutputHelper ?? throw new InvalidOperationException("No test is running.");

    /// <summary>Runs before each test of the class.</summary>
    protected virtual ValueTask SetupAsync() => ValueTask.CompletedTask;

    /// <summary>Runs after each test of the class.</summary>
    protected virtual ValueTask TearDownAsync() => ValueTask.CompletedTask;

    ValueTask IAsyncLifetime.InitializeAsync() => SetupAsync();

    ValueTask IAsyncDisposable.DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return TearDownAsync();
    }
}

/// <summary>A class of tests against an application, which its constructor may take.</summary>
public abstract class TestBase<TAppFixture> : TestBase, IClassFixture<TAppFixture>
    where TAppFixture : BaseFixture;

/// <summary>A class of tests against an application that an assembly fixture has started.</summary>
public abstract class TestBaseWithAssemblyFixture<TAppFixture> : TestBase
    where TAppFixture : BaseFixture;
