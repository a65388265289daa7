namespace Isopoh.Cryptography.Argon2;

/// <summary>What a hash costs: memory in KiB, passes over it, and lanes. Costs and type are part of the result.</summary>
readonly record struct Costs(Argon2Type Type, int Memory, int Passes, int Lanes)
{
    internal const int Version = 19;
    internal const int Slices = 4;

    // The upper bounds of RFC 9106 (section 3.1), up to 2^32-1, are of no use on a server.
    internal bool AreInRange =>
        Type is >= Argon2Type.DataDependentAddressing and <= Argon2Type.HybridAddressing
        && Passes is >= 1 and <= 1024
        && Memory <= 1 << 20
        && Lanes >= 1 && Lanes <= Memory / 8;

    /// <summary>Blocks of 1 KiB in a lane and a slice.</summary>
    internal int SegmentLength => Memory / (Slices * Lanes);

    internal int LaneLength => Slices * SegmentLength;

    /// <summary>Blocks in use: the memory rounded down to whole segments.</summary>
    internal int Blocks => Lanes * LaneLength;
}
