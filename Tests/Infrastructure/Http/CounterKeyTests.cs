using SliceApi.Infrastructure.Http;

namespace Tests.Infrastructure.Http;

/// <summary>Who is counted together.</summary>
public sealed class CounterKeyTests
{
    [Fact]
    public void An_ipv6_network_of_64_bits_is_one_client_and_two_are_two()
    {
        Assert.Single(Enumerable.Range(0, 1000).Select(i => Key($"2001:db8:1:2:{i:x}:{i * 7:x}::{i:x}")).Distinct());
        Assert.Equal(1000, Enumerable.Range(0, 1000).Select(i => Key($"2001:db8:1:{i:x}::1")).Distinct().Count());
    }

    [Fact]
    public void Each_ipv4_address_is_a_client_of_its_own()
        => Assert.Equal(
            1000, Enumerable.Range(0, 1000).Select(i => Key($"192.0.{i / 250}.{i % 250}")).Distinct().Count());

    [Fact]
    public void An_ipv4_address_in_the_form_of_ipv6_is_the_same_client()
    {
        Assert.Equal(Key("192.0.2.1"), Key("::ffff:192.0.2.1"));
        Assert.NotEqual(Key("::ffff:192.0.2.1"), Key("::ffff:192.0.2.2"));
    }

    [Theory]
    [InlineData("0.0.0.0")]
    [InlineData("0.0.0.1")]
    [InlineData("::")]
    [InlineData("::1:0:0:0:0")]
    public void What_has_no_address_is_nobody_elses(string address)
        => Assert.NotEqual(CounterKey.Of(null as IPAddress), Key(address));

    [Fact]
    public void Texts_of_any_length_and_their_pairs_are_told_apart()
    {
        Assert.Equal(CounterKey.Of(new string('a', 254)), CounterKey.Of(new string('a', 254)));
        Assert.NotEqual(CounterKey.Of(new string('a', 254)), CounterKey.Of(new string('a', 253)));
        var (one, other) = (CounterKey.Of("a"), CounterKey.Of("b"));
        Assert.Equal(4, new[] { one, other, one.And(other), other.And(one) }.Distinct().Count());
    }

    [Fact]
    public void Users_are_told_apart()
    {
        var id = Guid.CreateVersion7();
        Assert.Equal(CounterKey.Of(id), CounterKey.Of(id));
        Assert.NotEqual(CounterKey.Of(id), CounterKey.Of(Guid.CreateVersion7()));
    }

    static CounterKey Key(string address) => CounterKey.Of(IPAddress.Parse(address));
}
