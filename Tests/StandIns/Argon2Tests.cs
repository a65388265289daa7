using System.Diagnostics;
using System.Reflection;
using System.Text;
using Isopoh.Cryptography.Argon2;

namespace Tests.StandIns;

public sealed class Argon2Tests
{
    const string Salt = "c29tZXNhbHRzb21lc2FsdA";
    const string Sound = $"$argon2id$v=19$m=64,t=2,p=1${Salt}$OmrStfZA85dUvrqfm+ruWulZIxZJMLFoxyC2dq7EuYk";

    [Theory]
    [InlineData(Argon2Type.DataDependentAddressing, "512b391b6f1162975371d30919734294f868e3be3984f3c1a13a4db9fabe4acb")]
    [InlineData(
        Argon2Type.DataIndependentAddressing, "c814d9d1dc7f37aa13f0d77f2494bda1c8de6b016dd388d29952a4c4672b6ce8")]
    [InlineData(Argon2Type.HybridAddressing, "0d640df58d78766c08c037a34a8b53c9d01ef0452d75b65eb52520e96b01e659")]
    public void Agrees_with_the_vectors_of_RFC_9106_section_5(Argon2Type type, string expected)
    {
        var hash = new byte[32];
        Filling.Compute(hash, new Costs(type, 32, 3, 4), Repeat(1, 32), Repeat(2, 16), Repeat(3, 8), Repeat(4, 12));
        Assert.Equal(expected, Convert.ToHexStringLower(hash));
    }

    [Fact]
    public void Hashes_abc_as_in_RFC_7693_appendix_A()
    {
        var hash = new byte[64];
        Blake2b.Hash("abc"u8, hash);
        Assert.Equal(
            "ba80a53f981c4d0d6a2797b69f12f6e94c212f14685ac4b74b12bb6fdbffa2d1" +
            "7d87c5392aab792dc252d5de4533cc9518d38aa8dbf1925ab92386edd4009923",
            Convert.ToHexStringLower(hash));
    }

    // The bytes 0, 1, 2, ... 250, 0, ...; the hashes are those of Python's hashlib.
    [Theory]
    [InlineData(0, "0e5751c026e543b2e8ab2eb06099daa1d1e5df47778f7787faab45cdf12fe3a8")]
    [InlineData(1, "03170a2e7597b7b7e3d84c05391d139a62b157e78786d8c082f29dcf4c111314")]
    [InlineData(127, "f2fe67ff342e21b8f45e8f2e0bcd1d9243245d50ee6c78042e9c491388791c72")]
    [InlineData(128, "c3582f71ebb2be66fa5dd750f80baae97554f3b015663c8be377cfcb2488c1d1")]
    [InlineData(129, "f7f3c46ba2564ff4c4c162da1f5b605f9f1c4aa6a20652a9f9a337c1a2f5b9c9")]
    [InlineData(255, "d9ef0fc521b4266d16df662bec231bc2ec3989e7adeaf63169c295dc239dbbea")]
    [InlineData(256, "582f782226018ec33076bd8d1c42413530ac7e1126260ffc0f306ba3befc3f24")]
    [InlineData(257, "227e15ed64ee8e93eb7bc53828f76eed974f2c4ab1408c3d08f212b7f8d69904")]
    [InlineData(1000, "b372d0608f720c8c3dd41e9c8eecb10143b41abe520b616607e754bf79c08331")]
    public void Hashes_blocks_full_and_not(int length, string expected)
    {
        var hash = new byte[32];
        Blake2b.Hash([.. Enumerable.Range(0, length).Select(i => (byte)(i % 251))], hash);
        Assert.Equal(expected, Convert.ToHexStringLower(hash));
    }

    // Made by libargon2, whose program takes no empty password.
    [Theory]
    [InlineData(Sound, "")]
    [InlineData(
        $"$argon2id$v=19$m=67,t=2,p=1${Salt}$"
            + "LGcSAy6Op0a16jDBtLF24ZPciZl40abVeIdbwAgNgUTPzRO7sH30vCbdQOxquEJCJ66kh4AXJiqDRxwlXbcQjqU",
        "a\0b")]
    [InlineData(
        $"$argon2id$v=19$m=100,t=1,p=3${Salt}$"
            + "QeLG8qR7JHeMfzDbCBPkM/qfTTbvx4uf5OO6wLw3ofK6xYIgEu3vIKM5AIULluIev5GFewYaxBI2i7sHXLsr8Q",
        "пароль")]
    public void Verifies_what_libargon2_encoded(string encoded, string password)
    {
        Assert.True(Argon2.Verify(encoded, password));
        Assert.False(Argon2.Verify(encoded, password + "x"));
    }

    [Fact]
    public async Task Agrees_with_the_argon2_program_on_random_parameters()
    {
        var program = Programs.Require("argon2");
        var seed = Random.Shared.Next();
        var random = new Random(seed);
        for (var i = 0; i < 80; i++)
        {
            var type = (Argon2Type)random.Next(3);
            var lanes = random.Next(1, 9);
            // Some with segments of more than 128 blocks, as many as one block of positions is enough for.
            var memory = 8 * lanes + random.Next(random.Next(4) == 0 ? 4000 : 400);
            var costs = new Costs(type, memory, random.Next(1, 5), lanes);
            var salt = random.GetString("abcdefghijklmnopqrstuvwxyz0123456789", random.Next(8, 40));
            var password = random.GetString("aZ09 €$ßя'\"\0", random.Next(1, 40));
            var length = random.Next(3) == 0 ? random.Next(60, 70) : random.Next(4, 200);

            var encoded = await EncodeAsync(program, password, salt, costs, length);

            var context = $"seed {seed}, case {i}: {costs}, salt {salt}, length {length}, got {encoded}";
            Assert.True(Argon2.Verify(encoded, password), context);
            Assert.False(Argon2.Verify(encoded, password[1..] + "!"), context);
        }
    }

    // In a process that sees a lesser processor, or one with longer vectors (0x200 bits), if this one has them.
    [Theory]
    [InlineData("EnableAVX2", "0")]
    [InlineData("EnableHWIntrinsic", "0")]
    [InlineData("MaxVectorTBitWidth", "200")]
    public async Task Gives_the_same_on_other_processors(string setting, string value)
    {
        const string Class = "Tests.StandIns.Argon2Tests.";
        var start = new ProcessStartInfo("dotnet", [
            typeof(Argon2Tests).Assembly.Location,
            "-method", Class + nameof(Agrees_with_the_vectors_of_RFC_9106_section_5),
            "-method", Class + nameof(Verifies_what_libargon2_encoded)])
        {
            Environment = { [$"DOTNET_{setting}"] = value },
            RedirectStandardOutput = true,
        };
        using var process = Process.Start(start)!;
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Contains("Total: 6, Errors: 0, Failed: 0, Skipped: 0", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Verifies_what_it_hashed_on_several_threads_at_once()
    {
        var hashes = Enumerable.Range(0, 40).Select(i => Task.Run(
            () => (Password: $"{i}", Encoded: Argon2.Hash($"{i}", 1, 64 + i, 1, Argon2Type.HybridAddressing, 24 + i)),
            TestContext.Current.CancellationToken));
        foreach (var (password, encoded) in await Task.WhenAll(hashes))
        {
            Assert.True(Argon2.Verify(encoded, password));
            Assert.False(Argon2.Verify(encoded, "other"));
        }
    }

    [Fact]
    public void Takes_a_password_longer_than_the_memory_it_fills()
    {
        var password = new string('x', 100_000);
        var encoded = Argon2.Hash(password, 1, 8);
        Assert.True(Argon2.Verify(encoded, password));
        Assert.False(Argon2.Verify(encoded, password + "x"));
    }

    [Fact]
    public void Writes_costs_salt_and_hash_in_the_usual_form()
    {
        Assert.Matches(
            @"^\$argon2id\$v=19\$m=64,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$",
            Argon2.Hash("password", 2, 64, 1, Argon2Type.HybridAddressing, 32));
        Assert.StartsWith(
            "$argon2i$v=19$m=64,t=1,p=2$", Argon2.Hash("password", 1, 64, 2, Argon2Type.DataIndependentAddressing));
    }

    [Fact]
    public void Draws_a_new_salt_for_each_hash()
    {
        var salts = Enumerable.Range(0, 1000).Select(_ => Argon2.Hash("password", 1, 8).Split('$')[4]).ToHashSet();
        Assert.Equal(1000, salts.Count);
    }

    public static TheoryData<string> Unsound =>
    [
        "",
        "$",
        "$$$$$",
        "password",
        Sound[1..],
        " " + Sound,
        Sound + " ",
        Sound + "\n",
        Sound + "$",
        Sound + "=",
        Sound[..Sound.LastIndexOf('$')],
        Sound[..(Sound.LastIndexOf('$') + 1)],
        Sound[..^1],
        // One character off: the bits behind the hash's end are not zero.
        Sound[..^1] + "l",
        Sound.Replace("EuYk", "Eu-k", StringComparison.Ordinal),
        Sound.Replace("EuYk", "Eu k", StringComparison.Ordinal),
        Sound.Replace("argon2id", "argon2x", StringComparison.Ordinal),
        Sound.Replace("argon2id", "ARGON2ID", StringComparison.Ordinal),
        Sound.Replace("v=19$", "", StringComparison.Ordinal),
        Sound.Replace("v=19", "v=16", StringComparison.Ordinal),
        Sound.Replace("v=19", "v=", StringComparison.Ordinal),
        Sound.Replace("m=64", "m=4294967295", StringComparison.Ordinal),
        Sound.Replace("m=64", "m=2147483647", StringComparison.Ordinal),
        Sound.Replace("m=64", "m=1048577", StringComparison.Ordinal),
        Sound.Replace("m=64", "m=7", StringComparison.Ordinal),
        Sound.Replace("m=64", "m=-64", StringComparison.Ordinal),
        Sound.Replace("m=64", "m=+64", StringComparison.Ordinal),
        Sound.Replace("m=64", "m=064", StringComparison.Ordinal),
        Sound.Replace("m=64", "m= 64", StringComparison.Ordinal),
        Sound.Replace("m=64", "m=６４", StringComparison.Ordinal),
        Sound.Replace("m=64", "m=64.0", StringComparison.Ordinal),
        Sound.Replace("m=64", "m=", StringComparison.Ordinal),
        Sound.Replace("m=64", "m", StringComparison.Ordinal),
        Sound.Replace("m=64", "", StringComparison.Ordinal),
        Sound.Replace("m=64,", "", StringComparison.Ordinal),
        Sound.Replace("m=64,t=2", "t=2,m=64", StringComparison.Ordinal),
        Sound.Replace("t=2", "t=0", StringComparison.Ordinal),
        Sound.Replace("t=2", "t=1025", StringComparison.Ordinal),
        Sound.Replace("t=2", "t=4294967298", StringComparison.Ordinal),
        Sound.Replace("p=1", "p=0", StringComparison.Ordinal),
        Sound.Replace("p=1", "p=9", StringComparison.Ordinal),
        Sound.Replace("p=1", "p=2147483647", StringComparison.Ordinal),
        Sound.Replace("p=1", "p=1,data=AAAA", StringComparison.Ordinal),
        Sound.Replace(Salt, "", StringComparison.Ordinal),
        Sound.Replace(Salt, "c29tZXNhbA", StringComparison.Ordinal),
        Sound.Replace(Salt, Salt[..^1], StringComparison.Ordinal),
        Sound.Replace(Salt, Salt + "==", StringComparison.Ordinal),
        Sound.Replace(Salt, new string('A', 1 << 20), StringComparison.Ordinal),
        new string('$', 1 << 20),
    ];

    [Theory]
    [MemberData(nameof(Unsound), DisableDiscoveryEnumeration = true)]
    public void Refuses_a_malformed_string_before_taking_memory(string encoded)
    {
        Assert.True(Argon2.Verify(Sound, ""));
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.False(Argon2.Verify(encoded, ""));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 20_000);
    }

    [Theory]
    [InlineData(8, 4, true)]
    [InlineData(7, 4, false)]
    [InlineData(8, 3, false)]
    public void Refuses_a_salt_or_a_hash_that_is_too_short_even_if_it_fits(
        int saltLength, int hashLength, bool expected)
    {
        byte[] salt = Repeat(1, saltLength), hash = new byte[hashLength];
        Filling.Compute(hash, new Costs(Argon2Type.HybridAddressing, 8, 1, 1), "password"u8.ToArray(), salt, [], []);
        var (salt64, hash64) = (Convert.ToBase64String(salt).TrimEnd('='), Convert.ToBase64String(hash).TrimEnd('='));
        Assert.Equal(expected, Argon2.Verify($"$argon2id$v=19$m=8,t=1,p=1${salt64}${hash64}", "password"));
    }

    [Theory]
    [InlineData(0, 64, 1, 32)]
    [InlineData(1025, 64, 1, 32)]
    [InlineData(1, 7, 1, 32)]
    [InlineData(1, (1 << 20) + 1, 1, 32)]
    [InlineData(1, 64, 0, 32)]
    [InlineData(1, 64, 9, 32)]
    [InlineData(1, 64, 1, 3)]
    [InlineData(1, 64, 1, 1025)]
    public void Does_not_hash_out_of_range(int passes, int memory, int lanes, int length)
    {
        Assert.Throws<ArgumentOutOfRangeException>(
            () => Argon2.Hash("password", passes, memory, lanes, Argon2Type.HybridAddressing, length));
    }

    [Fact]
    public void Leaves_little_garbage()
    {
        Argon2.Hash("password", 1, 19456);
        var before = GC.GetAllocatedBytesForCurrentThread();
        var encoded = Argon2.Hash("password", 1, 19456);
        var hashed = GC.GetAllocatedBytesForCurrentThread();
        Argon2.Verify(encoded, "password");
        var verified = GC.GetAllocatedBytesForCurrentThread();
        Assert.InRange(hashed - before, 1, 64 * 1024);
        Assert.InRange(verified - hashed, 1, 64 * 1024);
    }

    [Fact]
    public unsafe void Wipes_and_reuses_memory()
    {
        var pool = new BlockPool();
        nint first;
        using (var blocks = pool.Rent(10))
        {
            first = blocks.Address;
            new Span<byte>(blocks.Start, 10 * Filling.BlockBytes).Fill(0xFF);
        }
        using var again = pool.Rent(9);
        Assert.Equal(first, again.Address);
        Assert.False(new Span<byte>(again.Start, 10 * Filling.BlockBytes).ContainsAnyExcept((byte)0));
        // Lent once at a time.
        using var other = pool.Rent(9);
        Assert.NotEqual(first, other.Address);
    }

    [Fact]
    public void Has_the_members_that_the_application_uses()
    {
        const BindingFlags Declared =
            BindingFlags.Public | BindingFlags.Static | BindingFlags.Instance | BindingFlags.DeclaredOnly;
        Assert.Equal(
            [
                "System.String Hash(System.String password, System.Int32 timeCost = 3, " +
                    "System.Int32 memoryCost = 65536, System.Int32 parallelism = 1, " +
                    "Isopoh.Cryptography.Argon2.Argon2Type type = HybridAddressing, System.Int32 hashLength = 32)",
                "System.Boolean Verify(System.String encoded, System.String password)",
            ],
            typeof(Argon2).GetMethods(Declared).Select(method =>
                $"{method.ReturnType} {method.Name}({string.Join(", ", method.GetParameters().Select(Describe))})"));
        Assert.Equal(
            ["DataDependentAddressing = 0", "DataIndependentAddressing = 1", "HybridAddressing = 2"],
            Enum.GetValues<Argon2Type>().Select(type => $"{type} = {(int)type}"));
        Assert.Equal(
            [typeof(Argon2), typeof(Argon2Type)],
            typeof(Argon2).Assembly.GetExportedTypes().OrderBy(type => type.Name));
    }

    static string Describe(ParameterInfo parameter)
    {
        var value = parameter.ParameterType.IsEnum && parameter.HasDefaultValue
            ? Enum.ToObject(parameter.ParameterType, parameter.RawDefaultValue!)
            : parameter.DefaultValue;
        return $"{parameter.ParameterType} {parameter.Name}" + (parameter.HasDefaultValue ? $" = {value}" : "");
    }

    static byte[] Repeat(byte value, int count) => [.. Enumerable.Repeat(value, count)];

    static async Task<string> EncodeAsync(string program, string password, string salt, Costs costs, int length)
    {
        var type = new[] { "-d", "-i", "-id" }[(int)costs.Type];
        var start = new ProcessStartInfo(program) { RedirectStandardInput = true, RedirectStandardOutput = true };
        var arguments = $"{salt} {type} -t {costs.Passes} -k {costs.Memory} -p {costs.Lanes} -l {length} -e";
        foreach (var argument in arguments.Split(' '))
            start.ArgumentList.Add(argument);
        using var process = Process.Start(start)!;
        await process.StandardInput.BaseStream.WriteAsync(
            Encoding.UTF8.GetBytes(password), TestContext.Current.CancellationToken);
        process.StandardInput.Close();
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return output.TrimEnd();
    }
}
