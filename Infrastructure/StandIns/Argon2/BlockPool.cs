using System.Collections.Concurrent;
using System.Runtime.InteropServices;

namespace Isopoh.Cryptography.Argon2;

/// <summary>Native memory kept for the next hash: fresh pages cost milliseconds, an array would be garbage.</summary>
sealed unsafe class BlockPool
{
    // Of one hash; as many are kept as there are processors.
    const nuint MaxKept = 64 << 20;
    internal static readonly BlockPool Shared = new();
    readonly ConcurrentBag<Blocks> _kept = [];

    /// <summary>Memory for so many blocks, their content undefined. Disposing gives it back.</summary>
    internal Blocks Rent(int count)
    {
        var bytes = (nuint)count * Filling.BlockBytes;
        if (_kept.TryTake(out var kept) && kept.Bytes >= bytes)
            return kept with { Used = bytes };
        // Too small, or none.
        NativeMemory.AlignedFree(kept.Start);
        return new Blocks(this, (nint)NativeMemory.AlignedAlloc(bytes, 64), bytes, bytes);
    }

    /// <summary>Rented memory. What was used is wiped in the end: a password can be tested on it.</summary>
    internal readonly record struct Blocks(BlockPool Pool, nint Address, nuint Bytes, nuint Used) : IDisposable
    {
        internal ulong* Start => (ulong*)Address;

        public void Dispose()
        {
            NativeMemory.Clear(Start, Used);
            if (Bytes <= MaxKept && Pool._kept.Count < Environment.ProcessorCount)
                Pool._kept.Add(this);
            else
                NativeMemory.AlignedFree(Start);
        }
    }
}
