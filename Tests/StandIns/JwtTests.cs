using System.Buffers.Text;
using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;
using FastEndpoints.Security;
using FsCheck;
using FsCheck.Fluent;

namespace Tests.StandIns;

/// <summary>The verifier alone; rightly signed tokens are refused, too: the signature is not all that counts.</summary>
public sealed class JwtTests
{
    const string Key = "a signing key of rather more than 32 bytes";
    const string Header = """{"alg":"HS256","typ":"JWT"}""";

    static readonly byte[] KeyBytes = Encoding.ASCII.GetBytes(Key);
    static readonly DateTimeOffset Now = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);
    static readonly long Seconds = Now.ToUnixTimeSeconds();
    static readonly string Payload = PayloadWith($"\"exp\":{Seconds + 900}");
    static readonly string Base = Sign(Header, Payload);

    public static TheoryData<string> Algorithms => new(
        "\"none\"", "\"None\"", "\"NONE\"", "\"nOnE\"", "\"nonE\"", "\"\"", "", "null",
        "[\"HS256\"]", "{\"a\":1}", "256", "\"HS256 \"", "\"hs256\"");

    static string PayloadWith(string members)
        => $$"""{"sub":"0198","sid":"0199","role":["user","admin"],"type":"access","iat":{{Seconds}},{{members}}}""";

    static string Encode(string text) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(text));

    static string Sign(string header, string payload) => SignParts(Encode(header), Encode(payload), KeyBytes);

    static string SignParts(string header, string payload, byte[] key)
    {
        var mac = HMACSHA256.HashData(key, Encoding.ASCII.GetBytes($"{header}.{payload}"));
        return $"{header}.{payload}.{Base64Url.EncodeToString(mac)}";
    }

    static JwtOutcome Verify(string token) => JwtVerifier.Verify(token, KeyBytes, Now).Outcome;

    static void Accepted(string token) => Assert.Equal(JwtOutcome.Valid, Verify(token));

    static void Refused(string token) => Assert.NotEqual(JwtOutcome.Valid, Verify(token));

    static void Malformed(string token) => Assert.Equal(JwtOutcome.Malformed, Verify(token));

    static void BadlySigned(string token) => Assert.Equal(JwtOutcome.BadSignature, Verify(token));

    static string SignedBytes(ReadOnlySpan<byte> header, ReadOnlySpan<byte> payload)
        => SignParts(Base64Url.EncodeToString(header), Base64Url.EncodeToString(payload), KeyBytes);

    [Fact]
    public void Reads_every_kind_of_claim_of_a_good_token()
    {
        var token = Sign(Header, PayloadWith($$"""
            "exp":{{Seconds + 900}},"name":"\u00e9 \ud83d\ude00","n":-5,"x":1.5,"yes":true,"no":false,"nil":null,
            "o":{"a":[1]},"permissions":["a",2,[3]],"aud":[]
            """));
        var result = JwtVerifier.Verify(token, KeyBytes, Now);

        Assert.Equal(JwtOutcome.Valid, result.Outcome);
        var identity = result.Identity!;
        Assert.True(identity.IsAuthenticated);
        Assert.Equal("é 😀", identity.Name);
        Assert.Equal("0198", identity.FindFirst("sub")!.Value);
        var user = new ClaimsPrincipal(identity);
        Assert.True(user.IsInRole("user") && user.IsInRole("admin") && !user.IsInRole("User"));
        Assert.Equal(
            [
                $"exp={Seconds + 900} integer64", "n=-5 integer64", "x=1.5 double",
                "yes=true boolean", "no=false boolean",
                "nil= JSON_NULL", "o={\"a\":[1]} JSON",
                "permissions=a string", "permissions=2 integer64", "permissions=[3] JSON",
            ],
            identity.Claims.SkipWhile(c => c.Type != "exp").Where(c => c.Type != "name")
                .Select(c => $"{c.Type}={c.Value} {c.ValueType.Split('#')[^1]}"));
    }

    [Fact]
    public void Accepts_what_CreateToken_makes()
    {
        var start = TimeProvider.System.GetUtcNow();
        var token = JwtBearer.CreateToken(o =>
        {
            o.SigningKey = Key;
            o.ExpireAt = start.UtcDateTime.AddMinutes(15);
            o.Issuer = "sliceapi";
            o.Audience = "them";
            o.User.Roles.Add("user");
            o.User.Claims.Add(("sub", "1"), ("sid", "2"));
            o.User.Claims.Add(("iat", "0"));
            o.User["type"] = "access";
        });
        var result = JwtVerifier.Verify(token, KeyBytes, TimeProvider.System.GetUtcNow());

        Assert.Equal(JwtOutcome.Valid, result.Outcome);
        Assert.Equal(Header, Encoding.UTF8.GetString(Base64Url.DecodeFromChars(token.AsSpan(0, token.IndexOf('.')))));
        var claims = result.Identity!.Claims.ToDictionary(c => c.Type);
        Assert.Equal(["aud", "exp", "iat", "iss", "nbf", "role", "sid", "sub", "type"], claims.Keys.Order());
        Assert.Equal((start + TimeSpan.FromMinutes(15)).ToUnixTimeSeconds().ToString(), claims["exp"].Value);
        var end = TimeProvider.System.GetUtcNow();
        Assert.InRange(long.Parse(claims["iat"].Value), start.ToUnixTimeSeconds(), end.ToUnixTimeSeconds());
        Assert.Equal(
            ("sliceapi", "them", "access"),
            (claims["iss"].Value, claims["aud"].Value, claims["type"].Value));
    }

    [Theory]
    [InlineData("\"role\":\"user\"", "user")]
    [InlineData("\"role\":[\"user\",\"admin\"]", "user", "admin")]
    public void Writes_one_role_as_text_and_several_as_an_array(string member, params string[] roles)
    {
        var token = JwtBearer.CreateToken(o =>
        {
            o.SigningKey = Key;
            o.User.Roles.AddRange(roles);
        });
        Assert.Contains(member, Encoding.UTF8.GetString(Base64Url.DecodeFromChars(token.Split('.')[1])));
    }

    [Fact]
    public void Gives_a_token_an_hour_when_no_end_is_named()
    {
        var token = JwtBearer.CreateToken(o => o.SigningKey = Key);
        var now = TimeProvider.System.GetUtcNow();

        Assert.Equal(JwtOutcome.Valid, JwtVerifier.Verify(token, KeyBytes, now.AddMinutes(59)).Outcome);
        Assert.Equal(JwtOutcome.Expired, JwtVerifier.Verify(token, KeyBytes, now.AddMinutes(62)).Outcome);
    }

    [Theory]
    [InlineData("")]
    [InlineData("31 bytes are one byte too few..")]
    public void Makes_no_token_with_a_short_key(string key)
        => Assert.Throws<ArgumentException>(() => JwtBearer.CreateToken(o => o.SigningKey = key));

    [Theory]
    [MemberData(nameof(Algorithms))]
    public void Refuses_every_algorithm_that_is_not_exactly_HS256(string algorithm)
    {
        var header = algorithm.Length == 0 ? """{"typ":"JWT"}""" : $$"""{"alg":{{algorithm}},"typ":"JWT"}""";
        var unsigned = $"{Encode(header)}.{Encode(Payload)}";

        Refused(unsigned);
        Refused(unsigned + ".");
        Refused(unsigned + Base[Base.LastIndexOf('.')..]);
        Malformed(Sign(header, Payload));
    }

    [Theory]
    [InlineData("RS256")]
    [InlineData("RS512")]
    [InlineData("PS256")]
    [InlineData("ES256")]
    [InlineData("EdDSA")]
    [InlineData("HS384")]
    [InlineData("HS512")]
    [InlineData("HS1")]
    public void Refuses_another_algorithm_signed_with_the_right_key(string algorithm)
    {
        var header = $$"""{"alg":"{{algorithm}}","typ":"JWT"}""";
        var signed = $"{Encode(header)}.{Encode(Payload)}";
        var text = Encoding.ASCII.GetBytes(signed);

        Malformed(Sign(header, Payload));
        Refused($"{signed}.{Base64Url.EncodeToString(HMACSHA384.HashData(KeyBytes, text))}");
        Refused($"{signed}.{Base64Url.EncodeToString(HMACSHA512.HashData(KeyBytes, text))}");
    }

    [Fact]
    public void Refuses_signatures_by_guessable_keys()
    {
        string[] weak =
        [
            "", "\0", new('\0', 32), "2\n", "sliceapi", "secret", "changeme", "password", "your-256-bit-secret",
            Key[..32], Key + " ", Key.ToUpperInvariant(),
        ];
        foreach (var key in weak)
            BadlySigned(SignParts(Encode(Header), Encode(Payload), Encoding.ASCII.GetBytes(key)));
    }

    [Theory]
    [InlineData("\"kid\":\"../../../../dev/null\"")]
    [InlineData("\"kid\":\"/proc/sys/kernel/randomize_va_space\"")]
    [InlineData("\"kid\":\"' UNION SELECT 'k'--\"")]
    [InlineData("\"kid\":\"|id\"")]
    [InlineData("\"kid\":[\"a\"]")]
    [InlineData("\"kid\":null")]
    [InlineData("\"jku\":\"http://127.0.0.1:1/k\"")]
    [InlineData("\"x5u\":\"http://127.0.0.1:1/k\"")]
    [InlineData("\"jwk\":{\"kty\":\"oct\",\"k\":\"AAAA\"}")]
    [InlineData("\"x5c\":[\"MIIB\"]")]
    public void Takes_no_key_from_the_header(string member)
    {
        var header = $$"""{"alg":"HS256",{{member}}}""";

        Accepted(Sign(header, Payload));
        foreach (var key in (string[])["", "2\n", "k", "\0\0\0"])
            BadlySigned(SignParts(Encode(header), Encode(Payload), Encoding.ASCII.GetBytes(key)));
    }

    [Theory]
    [InlineData("\"crit\":[\"exp\"]")]
    [InlineData("\"crit\":[\"b64\"],\"b64\":false")]
    [InlineData("\"crit\":[]")]
    [InlineData("\"crit\":null")]
    [InlineData("\"b64\":true")]
    [InlineData("\"zip\":\"DEF\"")]
    [InlineData("\"typ\":\"refresh+jwt\"")]
    [InlineData("\"typ\":\"\"")]
    [InlineData("\"typ\":null")]
    [InlineData("\"typ\":[\"JWT\"]")]
    [InlineData("\"alg\":\"none\"")]
    [InlineData("\"alg\":\"HS256\"")]
    [InlineData("\"\\u0061lg\":\"HS256\"")]
    [InlineData("\"x\":1,\"x\":1")]
    [InlineData("\"x\":1,")]
    [InlineData("\"x\":01")]
    [InlineData("\"x\":1 /* comment */")]
    [InlineData("\"\\ud800\":1")]
    [InlineData("\"typ\":\"\\ud800\"")]
    public void Refuses_headers_it_must_not_skip_over(string member)
        => Malformed(Sign($$"""{"alg":"HS256",{{member}}}""", Payload));

    [Fact]
    public void Refuses_a_large_key_id()
        => Malformed(Sign($$"""{"alg":"HS256","kid":"{{new string('k', 65_536)}}"}""", Payload));

    [Theory]
    [InlineData("""{"alg":"HS256"}""")]
    [InlineData("""{"alg":"HS256","typ":"jwt"}""")]
    [InlineData(""" { "typ" : "JWT", "alg" : "\u0048S256" } """)]
    public void Accepts_a_header_spelled_otherwise(string header) => Accepted(Sign(header, Payload));

    [Theory]
    [InlineData(900, JwtOutcome.Valid)]
    [InlineData(-30, JwtOutcome.Valid)]
    [InlineData(-59, JwtOutcome.Valid)]
    [InlineData(-60, JwtOutcome.Expired)]
    [InlineData(-61, JwtOutcome.Expired)]
    [InlineData(-1_000_000_000, JwtOutcome.Expired)]
    public void Ends_a_token_a_minute_after_its_exp(int offset, object outcome)
        => Assert.Equal(outcome, Verify(Sign(Header, PayloadWith($"\"exp\":{Seconds + offset}"))));

    [Theory]
    [InlineData("\"1999999999\"")]
    [InlineData("1e300")]
    [InlineData("1e9")]
    [InlineData("-1")]
    [InlineData("1999999999.5")]
    [InlineData("1999999999.0")]
    [InlineData("null")]
    [InlineData("9223372036854775808")]
    [InlineData("NaN")]
    [InlineData("[1999999999]")]
    [InlineData("true")]
    public void Refuses_times_that_are_not_whole_seconds(string time)
    {
        Malformed(Sign(Header, PayloadWith($"\"exp\":{time}")));
        Malformed(Sign(Header, PayloadWith($"\"exp\":{Seconds + 900},\"nbf\":{time}")));
        Malformed(Sign(Header, $$"""{"exp":{{Seconds + 900}},"iat":{{time}}}"""));
    }

    [Fact]
    public void Requires_an_end() => Assert.Equal(JwtOutcome.NoExpiry, Verify(Sign(Header, PayloadWith("\"x\":1"))));

    [Fact]
    public void Accepts_the_last_second_there_is()
        => Accepted(Sign(Header, PayloadWith($"\"exp\":{long.MaxValue}")));

    [Theory]
    [InlineData("nbf", 30, JwtOutcome.Valid)]
    [InlineData("nbf", 60, JwtOutcome.Valid)]
    [InlineData("nbf", 61, JwtOutcome.NotYetValid)]
    [InlineData("nbf", 120, JwtOutcome.NotYetValid)]
    [InlineData("iat", 60, JwtOutcome.Valid)]
    [InlineData("iat", 61, JwtOutcome.NotYetValid)]
    [InlineData("iat", 3600, JwtOutcome.NotYetValid)]
    public void Refuses_tokens_from_the_future(string claim, int offset, object outcome)
    {
        var token = Sign(Header, $$"""{"exp":{{Seconds + 9000}},"{{claim}}":{{Seconds + offset}}}""");
        Assert.Equal(outcome, Verify(token));
        Refused(Sign(Header, $$"""{"exp":{{Seconds + 9000}},"{{claim}}":{{long.MaxValue}}}"""));
    }

    [Fact]
    public void Checks_the_signature_before_the_end()
    {
        var expired = Sign(Header, PayloadWith($"\"exp\":{Seconds - 900}"));
        Assert.Equal(JwtOutcome.Expired, Verify(expired));
        BadlySigned(expired[..^43] + Base[^43..]);
    }

    [Fact]
    public void Refuses_every_token_that_differs_in_one_character()
    {
        Accepted(Base);
        for (var i = 0; i < Base.Length; i++)
        {
            foreach (var c in "AB-_.=+/ é")
            {
                if (Base[i] != c) Refused($"{Base[..i]}{c}{Base[(i + 1)..]}");
                Refused($"{Base[..i]}{c}{Base[i..]}");
            }

            Refused(Base[..i]);
            Refused(Base[(i + 1)..]);
            Refused(Base.Remove(i, 1));
        }
    }

    [Fact]
    public void Refuses_parts_of_two_tokens_put_together()
    {
        var a = Base.Split('.');
        var b = Sign("""{"typ":"JWT","alg":"HS256"}""", Payload.Replace("0198", "0200")).Split('.');
        for (var mix = 1; mix < 7; mix++)
        {
            var token = string.Join('.', Enumerable.Range(0, 3).Select(i => (mix >> i & 1) == 0 ? a[i] : b[i]));
            BadlySigned(token);
        }

        Accepted(string.Join('.', b));
    }

    [Fact]
    public void Refuses_the_aliases_of_a_signature_and_of_rightly_signed_parts()
    {
        const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        for (var alias = 1; alias < 4; alias++)
            Malformed(Base[..^1] + Alphabet[Alphabet.IndexOf(Base[^1]) + alias]);

        // A payload of 3n+1 and one of 3n+2 bytes, its unused bits set before it was signed.
        for (var spaces = 0; spaces < 3; spaces++)
        {
            var payload = $$"""{"exp":{{Seconds + 900}}{{new string(' ', spaces)}}}""";
            var text = Encode(payload);
            Accepted(SignParts(Encode(Header), text, KeyBytes));
            if (text.Length % 4 == 0) continue;
            var alias = text[..^1] + Alphabet[Alphabet.IndexOf(text[^1]) + 1];
            Malformed(SignParts(Encode(Header), alias, KeyBytes));
        }
    }

    [Fact]
    public void Refuses_other_shapes()
    {
        var parts = Base.Split('.');
        string[] shapes =
        [
            "", ".", "..", "...", "a", "a.b", "a.b.c", "a.b.c.d", Base + ".", "." + Base, Base + ".d",
            $"{parts[0]}..{parts[2]}", $".{parts[1]}.{parts[2]}",
            $"{Encode("""{"alg":"dir","enc":"A256GCM"}""")}..AAAA.AAAA.AAAA",
            $$"""{"protected":"{{parts[0]}}","payload":"{{parts[1]}}","signature":"{{parts[2]}}"}""",
            " " + Base, Base + " ", Base + "\n", Base + "=", Base + "\0",
            Base.Replace(".", " ."), Base.Replace(".", ".\n"),
            $"{parts[0]}=.{parts[1]}=.{parts[2]}=",
        ];
        Assert.All(shapes, shape => Malformed(shape));

        // The same, signed as they are: only the strict spelling stands between them and acceptance.
        Malformed(SignParts(parts[0] + "=", parts[1], KeyBytes));
        Malformed(SignParts(parts[0] + "====", parts[1], KeyBytes));
        Malformed(SignParts(parts[0], parts[1] + " ", KeyBytes));
        Malformed(SignParts(parts[0], parts[1] + "    ", KeyBytes));
        Malformed(SignParts(parts[0], parts[1] + "\n\n\n\n", KeyBytes));
        Malformed(SignParts(parts[0], parts[1] + "." + parts[1], KeyBytes));
        Malformed(SignParts(parts[0], parts[1] + "A", KeyBytes));
    }

    [Theory]
    [InlineData("\"sub\":\"b\"")]
    [InlineData("\"sid\":\"b\"")]
    [InlineData("\"type\":\"access\"")]
    [InlineData("\"exp\":1999999999")]
    [InlineData("\"\\u0065xp\":1999999999")]
    [InlineData("\"o\":{\"a\":1,\"a\":2}")]
    [InlineData("\"s\":\"\\ud800\"")]
    [InlineData("\"\\udc00\":1")]
    [InlineData("\"s\":\"\u0001\"")]
    [InlineData("\"s\":'x'")]
    [InlineData("\"s\":[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]")]
    [InlineData("\"s\":1}, {\"t\":1")]
    public void Refuses_duplicate_members_and_loose_JSON_however_well_signed(string member)
        => Malformed(Sign(Header, PayloadWith($"\"exp\":{Seconds + 900},{member}")));

    [Theory]
    [InlineData("\"iss\":[\"a\"]")]
    [InlineData("\"sub\":[\"a\",\"b\"]")]
    [InlineData("\"sid\":[\"a\"]")]
    [InlineData("\"\\u0073id\":[\"a\"]")]
    [InlineData("\"type\":[\"access\"]")]
    [InlineData("\"Role\":[\"admin\"]")]
    [InlineData("\"jti\":[]")]
    public void Refuses_arrays_where_the_claim_has_one_value(string member)
    {
        Malformed(Sign(Header, $$"""{"exp":{{Seconds + 900}},{{member}}}"""));
        // Expired is what sends a client to refresh; a token that is wrong besides is no reason to.
        Malformed(Sign(Header, $$"""{"exp":{{Seconds - 900}},{{member}}}"""));
    }

    [Theory]
    [InlineData("aud")]
    [InlineData("role")]
    [InlineData("permissions")]
    public void Accepts_arrays_where_the_claim_may_have_several_values(string claim)
    {
        var token = Sign(Header, $$"""{"exp":{{Seconds + 900}},"{{claim}}":["a","b"]}""");
        var identity = JwtVerifier.Verify(token, KeyBytes, Now).Identity!;
        Assert.Equal(["a", "b"], identity.FindAll(claim).Select(c => c.Value));
    }

    [Theory]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("5")]
    [InlineData("\"x\"")]
    [InlineData("{")]
    [InlineData(" ")]
    public void Refuses_parts_that_are_not_an_object(string json)
    {
        Malformed(Sign(Header, json));
        Malformed(Sign(json, Payload));
    }

    [Fact]
    public void Refuses_bytes_that_are_not_UTF8()
    {
        static byte[] Unreadable(string start)
            => [.. Encoding.ASCII.GetBytes(start), 0xff, 0xc0, 0x80, (byte)'"', (byte)'}'];

        Malformed(SignedBytes(Encoding.UTF8.GetBytes(Header), Unreadable($"{{\"exp\":{Seconds + 900},\"s\":\"")));
        Malformed(SignedBytes(Unreadable("{\"alg\":\"HS256\",\"kid\":\""), Encoding.UTF8.GetBytes(Payload)));
    }

    [Theory]
    [InlineData(5_000)]
    [InlineData(30_000)]
    public void Refuses_a_long_token_without_allocating(int length)
    {
        var token = Sign(Header, PayloadWith($"\"exp\":{Seconds + 900},\"s\":\"{new string('s', length)}\""));
        Verify(token);

        var before = GC.GetAllocatedBytesForCurrentThread();
        var outcome = Verify(token);
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.Equal(JwtOutcome.Malformed, outcome);
        Assert.Equal(0, allocated);
    }

    [Fact]
    public void Accepts_the_longest_token_and_refuses_one_character_more()
    {
        var empty = Sign(Header, PayloadWith($"\"exp\":{Seconds + 900},\"s\":\"\"")).Length;
        var room = (JwtVerifier.MaxLength - empty) * 3 / 4;
        string Filled(int n) => Sign(Header, PayloadWith($"\"exp\":{Seconds + 900},\"s\":\"{new string('s', n)}\""));
        var longest = Enumerable.Range(room - 4, 8).Select(Filled)
            .TakeWhile(t => t.Length <= JwtVerifier.MaxLength).Last();

        Assert.InRange(longest.Length, JwtVerifier.MaxLength - 1, JwtVerifier.MaxLength);
        Accepted(longest);
    }

    [Theory]
    [InlineData(1_400)]
    [InlineData(100_000)]
    public void Refuses_deep_nesting(int depth)
    {
        var arrays = new string('[', depth) + new string(']', depth);
        Malformed(Sign(Header, PayloadWith($"\"exp\":{Seconds + 900},\"s\":{arrays}")));
    }

    [Fact]
    public void Refuses_forged_tokens_without_allocating()
    {
        var forged = Base[..^43] + Base[..43].Replace('.', 'A')[..42] + "A";
        Verify(forged);

        var before = GC.GetAllocatedBytesForCurrentThread();
        var outcome = Verify(forged);
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.Equal(JwtOutcome.BadSignature, outcome);
        Assert.Equal(0, allocated);
    }

    [Fact]
    public void Never_throws_for_random_parts()
    {
        var part = Gen.OneOf(
            ArbMap.Default.GeneratorFor<byte[]>().Select(b => Base64Url.EncodeToString(b)),
            ArbMap.Default.GeneratorFor<string>().Select(s => s ?? ""),
            Gen.Elements(Base.Split('.')));
        var tokens = Gen.Choose(0, 5).SelectMany(n => part.ListOf(n)).Select(parts => string.Join('.', parts));

        CheckAll(20_000, tokens, token => (Verify(token) == JwtOutcome.Valid) == (token == Base));
    }

    [Fact]
    public void Never_throws_for_random_bytes_signed_with_the_right_key()
    {
        var bytes = ArbMap.Default.GeneratorFor<byte[]>();
        var tokens = bytes.SelectMany(h => bytes.Select(p => SignedBytes([(byte)'{', .. h], [(byte)'{', .. p])));

        CheckAll(10_000, tokens, token => Verify(token) == JwtOutcome.Malformed);
    }

    [Fact]
    public void Never_throws_for_a_damaged_payload_signed_with_the_right_key()
    {
        var original = Encoding.UTF8.GetBytes(PayloadWith($$"""
            "exp":{{Seconds + 900}},"s":"\u00e9é","o":{"a":[1,-2.5e3,true,null]}
            """));
        var damaged = Gen.Choose(0, original.Length - 1).SelectMany(at => Gen.Choose(0, 255).Select(value =>
        {
            var copy = (byte[])original.Clone();
            copy[at] = (byte)value;
            return SignedBytes(Encoding.UTF8.GetBytes(Header), copy);
        }));

        CheckAll(20_000, damaged, token =>
        {
            var result = JwtVerifier.Verify(token, KeyBytes, Now);
            return (result.Outcome == JwtOutcome.Valid) == (result.Identity is not null);
        });
    }

    /// <summary>The same cases in each run; a failing one is printed with the seed.</summary>
    static void CheckAll(int count, Gen<string> tokens, Func<string, bool> holds)
        => Check.One(
            Config.QuickThrowOnFailure.WithMaxTest(count).WithReplay(20260101, 1),
            Prop.ForAll(tokens.ToArbitrary(), holds));
}
