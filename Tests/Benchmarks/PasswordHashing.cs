using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Isopoh.Cryptography.Argon2;

namespace Benchmarks;

/// <summary>
/// One password hash at the default cost here and in Debian's libargon2, in turn, so that a slower moment hits both.
/// </summary>
static unsafe class PasswordHashing
{
    const string Library = "libargon2.so.1";
    const string Password = "correct horse battery staple";
    const int Passes = 2;
    const int Memory = 19456;
    const int Lanes = 1;
    const int HashLength = 32;
    const int Rounds = 101;

    /// <summary>A hash at the default cost, made here.</summary>
    public static string Hash(string password)
        => Argon2.Hash(password, Passes, Memory, Lanes, Argon2Type.HybridAddressing, HashLength);

    /// <summary>Measures both and prints them.</summary>
    public static int Run()
    {
        if (!NativeLibrary.TryLoad(Library, out var library))
        {
            Console.Error.WriteLine($"{Library} is not installed: apt-get install libargon2-1");
            return 1;
        }
        var reference = (delegate* unmanaged<uint, uint, uint, byte*, nuint, byte*, nuint, nuint, byte*, nuint, int>)
            NativeLibrary.GetExport(library, "argon2id_hash_encoded");
        var encoded = new byte[200];
        var here = new List<double>();
        var there = new List<double>();
        var garbage = new List<double>();
        for (var i = 0; i < Rounds; i++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            var start = Stopwatch.GetTimestamp();
            var hash = Hash(Password);
            here.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            garbage.Add(GC.GetAllocatedBytesForCurrentThread() - before);

            start = Stopwatch.GetTimestamp();
            fixed (byte* password = Encoding.UTF8.GetBytes(Password), salt = "0123456789abcdef"u8, output = encoded)
            {
                var error = reference(
                    Passes,
                    Memory,
                    Lanes,
                    password,
                    (nuint)Password.Length,
                    salt,
                    16,
                    HashLength,
                    output,
                    (nuint)encoded.Length);
                if (error != 0)
                    throw new InvalidOperationException($"{Library} reports error {error}.");
            }
            there.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);

            // Each must accept the other's work, or the times mean nothing.
            var theirs = Encoding.ASCII.GetString(encoded).TrimEnd('\0');
            if (i == 0 && !(Argon2.Verify(theirs, Password) && Argon2.Verify(hash, Password)))
                throw new InvalidOperationException("The implementations disagree.");
        }
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"""
            | m={Memory},t={Passes},p={Lanes}, median of {Rounds} | ms per hash | bytes allocated per hash |
            |---|---|---|
            | here | {here.Median():F2} | {garbage.Median():F0} |
            | {Library} | {there.Median():F2} | |
            | ratio | {here.Median() / there.Median():F2} | |
            """));
        return 0;
    }
}
