using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Isopoh.Cryptography.Argon2;

/// <summary>
/// Password hashing by Argon2 version 1.3 (RFC 9106), written as <c>$argon2id$v=19$m=19456,t=2,p=1$salt$hash</c>:
/// memory in KiB, passes, lanes, then salt and hash in base64 without padding.
/// </summary>
public static class Argon2
{
    const int SaltLength = 16;
    const int MaxLength = 1024;
    // Two values of that length and the costs fit; a stored megabyte is refused unread.
    const int MaxEncodedLength = 3 * MaxLength;
    static readonly string[] Names = ["argon2d", "argon2i", "argon2id"];

    /// <summary>Hashes a password with 16 random bytes of salt into a string for <see cref="Verify"/>.</summary>
    /// <param name="password">The password, hashed as UTF-8. May be empty.</param>
    /// <param name="timeCost">Passes over the memory, 1 to 1,024.</param>
    /// <param name="memoryCost">Memory in KiB, from 8 per lane to 1,048,576 (1 GiB).</param>
    /// <param name="parallelism">Lanes, at least 1, filled one after another: other processors have other work.</param>
    /// <param name="type">How blocks are addressed.</param>
    /// <param name="hashLength">Bytes of hash, 4 to 1,024.</param>
    /// <exception cref="ArgumentOutOfRangeException">A cost or the length is outside its range.</exception>
    public static string Hash(
        string password, int timeCost = 3, int memoryCost = 65536, int parallelism = 1,
        Argon2Type type = Argon2Type.HybridAddressing, int hashLength = 32)
    {
        ArgumentNullException.ThrowIfNull(password);
        var costs = new Costs(type, memoryCost, timeCost, parallelism);
        if (!costs.AreInRange)
            throw new ArgumentOutOfRangeException(nameof(memoryCost), costs, "Argon2's costs are out of range.");
        if (hashLength is < 4 or > MaxLength)
            throw new ArgumentOutOfRangeException(nameof(hashLength));
        var salt = RandomNumberGenerator.GetBytes(SaltLength);
        return Encode(costs, salt, Compute(password, salt, costs, hashLength));
    }

    /// <summary>Whether a password is the one that was hashed. The hashes are compared in constant time.</summary>
    /// <param name="encoded">Its costs are followed up to the limits of Hash: look at them first to spend less.</param>
    /// <param name="password">The password to try.</param>
    /// <returns>False also, and at once, for a string that is malformed, of another version or out of range.</returns>
    public static bool Verify(string encoded, string password)
    {
        ArgumentNullException.ThrowIfNull(encoded);
        ArgumentNullException.ThrowIfNull(password);
        if (encoded.Length > MaxEncodedLength
            || encoded.Split('$') is not ["", var name, _, var numbers, var salt64, var hash64]
            || numbers.Split(',') is not [var m, var t, var p])
            return false;
        var costs = new Costs((Argon2Type)Array.IndexOf(Names, name), Number(m), Number(t), Number(p));
        var (salt, hash) = (FromBase64(salt64), FromBase64(hash64));
        // What was read is written again: signs, leading zeros, padding, blanks, spare bits, other versions differ.
        return costs.AreInRange && salt.Length >= 8 && hash.Length is >= 4 and <= MaxLength
            && Encode(costs, salt, hash) == encoded
            && CryptographicOperations.FixedTimeEquals(Compute(password, salt, costs, hash.Length), hash);
    }

    static byte[] Compute(string password, byte[] salt, Costs costs, int length)
    {
        var hash = new byte[length];
        // Not an array that the collector may move, leaving behind a copy that nothing wipes.
        var bytes = GC.AllocateUninitializedArray<byte>(Encoding.UTF8.GetByteCount(password), pinned: true);
        Encoding.UTF8.GetBytes(password, bytes);
        try
        {
            Filling.Compute(hash, costs, bytes, salt, [], []);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(bytes);
        }
        return hash;
    }

    static string Encode(Costs costs, byte[] salt, byte[] hash) =>
        $"${Names[(int)costs.Type]}$v={Costs.Version}$m={costs.Memory},t={costs.Passes},p={costs.Lanes}" +
        $"${Base64(salt)}${Base64(hash)}";

    static string Base64(byte[] bytes) => Convert.ToBase64String(bytes).TrimEnd('=');

    // The field's value behind its name and equals sign.
    static int Number(string field) =>
        int.TryParse(field.AsSpan(Math.Min(2, field.Length)), NumberStyles.None, null, out var number) ? number : -1;

    static byte[] FromBase64(string text)
    {
        var (bytes, padding) = (new byte[text.Length], "==="[..(-text.Length & 3)]);
        return Convert.TryFromBase64String(text + padding, bytes, out var length) ? bytes[..length] : [];
    }
}

/// <summary>Which blocks a block is made from (RFC 9106, section 3.4.1). The value is hashed in.</summary>
public enum Argon2Type
{
    /// <summary>Argon2d: chosen by the memory's content. Hardest for GPUs, open to timing side channels.</summary>
    DataDependentAddressing = 0,
    /// <summary>Argon2i: chosen by position alone.</summary>
    DataIndependentAddressing = 1,
    /// <summary>Argon2id: by position in the first pass's first half, then by content. The one for passwords.</summary>
    HybridAddressing = 2,
}
