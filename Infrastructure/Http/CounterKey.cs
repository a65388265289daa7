using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace SliceApi.Infrastructure.Http;

/// <summary>Names what is counted together, in 16 bytes whatever it is made of.</summary>
readonly record struct CounterKey(ulong High, ulong Low)
{
    const ulong NoAddress = 1UL << 63;
    const ulong Version4 = 1UL << 32;

    /// <summary>A user.</summary>
    public static CounterKey Of(Guid id)
    {
        Span<byte> bytes = stackalloc byte[16];
        id.TryWriteBytes(bytes);
        return From(bytes);
    }

    /// <summary>
    /// A client's address: IPv4 as it is, also when it comes as IPv6 (<c>::ffff:192.0.2.1</c>); of IPv6 the network,
    /// the first 64 bits, for the rest is anybody's own to choose (RFC 4291, 2.5.1).
    /// </summary>
    public static CounterKey Of(IPAddress? address)
    {
        // Unix sockets have no address: all that comes through one is one client.
        if (address is null)
            return new CounterKey(0, NoAddress);
        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out _);
        if (address.AddressFamily == AddressFamily.InterNetwork)
            return new CounterKey(0, Version4 | BinaryPrimitives.ReadUInt32BigEndian(bytes));
        return address.IsIPv4MappedToIPv6
            ? new CounterKey(0, Version4 | BinaryPrimitives.ReadUInt32BigEndian(bytes[12..]))
            : new CounterKey(BinaryPrimitives.ReadUInt64BigEndian(bytes), 0);
    }

    /// <summary>A text of any length: 128 bits of its SHA-256, so nobody finds two that are counted as one.</summary>
    public static CounterKey Of(string text)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(MemoryMarshal.AsBytes(text.AsSpan()), hash);
        return From(hash);
    }

    /// <summary>This one together with another, in this order.</summary>
    public CounterKey And(CounterKey other)
    {
        ReadOnlySpan<ulong> both = [High, Low, other.High, other.Low];
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(MemoryMarshal.AsBytes(both), hash);
        return From(hash);
    }

    /// <summary>Seeded at random in each process: no client can choose addresses that land in one bucket.</summary>
    public override int GetHashCode()
        => HashCode.Combine((uint)High, (uint)(High >> 32), (uint)Low, (uint)(Low >> 32));

    static CounterKey From(ReadOnlySpan<byte> bytes)
        => new(BinaryPrimitives.ReadUInt64BigEndian(bytes), BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]));
}
