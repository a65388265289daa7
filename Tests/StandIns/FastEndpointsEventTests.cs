using System.Collections.Concurrent;
using FastEndpoints;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Tests.StandIns;

public sealed class FastEndpointsEventTests
{
    [Fact]
    public async Task Wakes_all_handlers_of_the_run_time_type_and_waits_for_them()
    {
        var seen = new Seen();
        await using var host = await HostAsync(seen);

        Assert.Equal(204, (await host.SendAsync("POST", "/publish?what=fine")).Status);

        Assert.Equal(["first fine", "second fine"], seen.Order());
    }

    [Fact]
    public async Task What_a_handler_throws_reaches_the_publisher_after_the_others_are_done()
    {
        var seen = new Seen();
        await using var host = await HostAsync(seen);

        var thrown = await Assert.ThrowsAsync<InvalidOperationException>(
            () => host.SendAsync("POST", "/publish?what=bad"));

        Assert.Equal("first", thrown.Message);
        Assert.Equal(["second bad"], seen);
    }

    [Fact]
    public async Task A_background_service_publishes_to_the_host_that_started_it()
    {
        var (one, other) = (new Seen(), new Seen());
        await using var first = await HostAsync(one, s => s.AddHostedService<Worker>());
        await using var second = await HostAsync(other);

        var worker = first.Services.GetServices<IHostedService>().OfType<Worker>().Single();
        worker.Go.SetResult();
        await worker.ExecuteTask!;

        Assert.Equal(["first worker", "second worker"], one.Order());
        Assert.Empty(other);
    }

    [Fact]
    public async Task Does_not_publish_without_waiting()
    {
        await using var host = await HostAsync([]);

        await Assert.ThrowsAsync<NotSupportedException>(
            () => new Happened("x").PublishAsync(Mode.WaitForNone, TestContext.Current.CancellationToken));
    }

    static Task<SmallHost> HostAsync(Seen seen, Action<IServiceCollection>? services = null)
        => SmallHost.StartAsync([typeof(Publish), typeof(First), typeof(Second)], services: s =>
        {
            s.AddSingleton(seen);
            services?.Invoke(s);
        });

    public sealed class Seen : ConcurrentQueue<string>;

    public sealed record Happened(string What) : IEvent;

    public sealed class First(Seen seen) : IEventHandler<Happened>
    {
        public Task HandleAsync(Happened eventModel, CancellationToken ct)
        {
            if (eventModel.What == "bad") throw new InvalidOperationException("first");
            seen.Enqueue($"first {eventModel.What}");
            return Task.CompletedTask;
        }
    }

    public sealed class Second(Seen seen) : IEventHandler<Happened>
    {
        public async Task HandleAsync(Happened eventModel, CancellationToken ct)
        {
            await Task.Yield();
            seen.Enqueue($"second {eventModel.What}");
        }
    }

    public sealed class Publish : EndpointWithoutRequest
    {
        public override void Configure()
        {
            Post("/publish");
            AllowAnonymous();
        }

        public override async Task HandleAsync(CancellationToken ct)
        {
            IEvent happened = new Happened(Query<string>("what")!);
            await PublishAsync(happened, Mode.WaitForAll, ct);
        }
    }

    public sealed class Worker : BackgroundService
    {
        public TaskCompletionSource Go { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        protected override async Task ExecuteAsync(CancellationToken stoppingToken)
        {
            await Go.Task;
            IEvent happened = new Happened("worker");
            await happened.PublishAsync(Mode.WaitForAll, stoppingToken);
        }
    }
}
