namespace Isopoh.Cryptography.Argon2;

/// <summary>Which blocks a block is made from (RFC 9106, section 3.4.1). The value is the type code that is hashed in.</summary>
public enum Argon2Type
{
    /// <summary>Argon2d: chosen by the memory's content. Hardest for GPUs, open to timing side channels.</summary>
    DataDependentAddressing = 0,

    /// <summary>Argon2i: chosen by position alone.</summary>
    DataIndependentAddressing = 1,

    /// <summary>Argon2id: by position in the first half of the first pass, by content after it. The one for passwords.</summary>
    HybridAddressing = 2,
}
