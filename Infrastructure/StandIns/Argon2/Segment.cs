namespace Isopoh.Cryptography.Argon2;

/// <summary>A quarter of a lane in one pass: what is filled without looking at what other lanes fill meanwhile.</summary>
readonly unsafe struct Segment(Costs costs, int pass, int slice, int lane)
{
    /// <summary>Blocks needed behind the memory's own: the state being mixed, zeros, a counter and positions.</summary>
    internal const int ScratchBlocks = 4;
    const int BlockWords = Filling.BlockWords;

    bool IsAddressedByPosition =>
        costs.Type == Argon2Type.DataIndependentAddressing
        || (costs.Type == Argon2Type.HybridAddressing && pass == 0 && slice < 2);

    /// <summary>Fills the blocks in order, each from the one before it and one chosen from all that are finished.</summary>
    internal void Fill<V, W>(ulong* memory)
        where V : unmanaged
        where W : IPairs<V>
    {
        var state = memory + (long)costs.Blocks * BlockWords;
        ulong* zeros = state + BlockWords, counter = zeros + BlockWords, positions = counter + BlockWords;
        new Span<ulong>(zeros, 2 * BlockWords).Clear();
        ReadOnlySpan<int> place = [pass, lane, slice, costs.Blocks, costs.Passes, (int)costs.Type];
        for (var i = 0; i < place.Length; i++)
            counter[i] = (ulong)place[i];

        var blocks = memory + (long)lane * costs.LaneLength * BlockWords;
        var start = pass == 0 && slice == 0 ? 2 : 0;
        for (var index = start; index < costs.SegmentLength; index++)
        {
            var column = slice * costs.SegmentLength + index;
            var current = blocks + (long)column * BlockWords;
            var previous = column == 0 ? blocks + (costs.LaneLength - 1L) * BlockWords : current - BlockWords;
            var random = previous[0];
            if (IsAddressedByPosition)
            {
                if (index % BlockWords == 0 || index == start)
                {
                    counter[6]++;
                    Mixing<V, W>.Mix(zeros, counter, positions, state, keep: false);
                    Mixing<V, W>.Mix(zeros, positions, positions, state, keep: false);
                }
                random = positions[index % BlockWords];
            }
            Mixing<V, W>.Mix(previous, memory + Choose(random, index) * BlockWords, current, state, keep: pass > 0);
        }
    }

    // Which block goes into the one at index, by 64 random bits (RFC 9106, section 3.4.2).
    long Choose(ulong random, int index)
    {
        var chosenLane = pass == 0 && slice == 0 ? lane : (int)((random >> 32) % (uint)costs.Lanes);
        // Finished are this pass's slices before this one and, from the second pass on, the last pass's after it. In this
        // lane so are this slice's blocks, but the previous one goes in anyway. In another lane, a segment's first block
        // leaves out the last finished one.
        var finished = (pass == 0 ? slice : 3) * costs.SegmentLength;
        var area = chosenLane == lane ? finished + index - 1 : finished - (index == 0 ? 1 : 0);
        var x = (random & uint.MaxValue) * (random & uint.MaxValue) >> 32;
        var y = (long)((ulong)area * x >> 32);
        var oldest = pass == 0 ? 0 : (slice + 1) * costs.SegmentLength;
        return (long)chosenLane * costs.LaneLength + (oldest + area - 1 - y) % costs.LaneLength;
    }
}
