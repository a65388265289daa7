using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.RegularExpressions;

namespace Tests.Infrastructure.Hosting;

/// <summary>A certificate in the server's own settings, without a proxy in front.</summary>
public sealed partial class TlsTests : IDisposable
{
    readonly string _folder = TestFolder.New();
    readonly string _certificates = Directory.CreateTempSubdirectory("sliceapi-certificates-").FullName;

    string CertificateFile => Path.Combine(_certificates, "cert.pem");

    string KeyFile => Path.Combine(_certificates, "key.pem");

    public void Dispose()
    {
        TestFolder.Delete(_folder);
        TestFolder.Delete(_certificates);
    }

    [Fact]
    public async Task Serves_https_with_the_certificate_that_the_settings_name()
    {
        using var certificate = MakeCertificate();
        await using var server = await ServerProcess.StartAsync(_folder, Settings("https://127.0.0.1:0"));
        using var client = ClientThatTrusts(certificate, server);
        var document = await ApiDocument.ReadAsync(client);
        var answer = await Requests.SendAsync(client, HttpMethod.Get, "/api/v1/products");
        await document.CheckAsync(HttpMethod.Get, "/api/v1/products", answer);
        await answer.DataAsync(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Tells_browsers_to_come_back_over_https_only_where_they_have_come_over_it()
    {
        using var certificate = MakeCertificate();
        await using var server = await ServerProcess.StartAsync(
            _folder, Settings("https://127.0.0.1:0;http://127.0.0.1:0"));
        await Wait.UntilAsync(() => Task.FromResult(Listening().Count(server.Output) == 2), "it listens twice");
        using var secure = ClientThatTrusts(certificate, server);
        using var plain = new HttpClient { BaseAddress = AddressOf(server, "http:") };

        foreach (var path in new[] { "/api/v1/products", "/health/ready", "/docs/index.html", "/nowhere" })
        {
            Assert.Equal(["max-age=31536000"], Values(await Requests.SendAsync(secure, HttpMethod.Get, path)));
            var answer = await Requests.SendAsync(plain, HttpMethod.Get, path);
            Assert.Equal(path == "/nowhere" ? HttpStatusCode.NotFound : HttpStatusCode.OK, answer.StatusCode);
            Assert.Empty(Values(answer));
        }
    }

    [Fact]
    public async Task Shows_no_certificate_but_that_one()
    {
        using var certificate = MakeCertificate();
        await using var server = await ServerProcess.StartAsync(_folder, Settings("https://127.0.0.1:0"));
        using var another = MakeCertificate();
        using var client = ClientThatTrusts(another, server);
        var refused = await Assert.ThrowsAsync<HttpRequestException>(
            () => Requests.SendAsync(client, HttpMethod.Get, "/health/ready"));
        Assert.Equal(HttpRequestError.SecureConnectionError, refused.HttpRequestError);
    }

    [Theory]
    [InlineData("no such certificate", "nowhere.pem")]
    [InlineData("no such key", "nowhere.key")]
    [InlineData("a certificate that is none", "cert.pem")]
    [InlineData("a key of another certificate", "cert.pem")]
    [InlineData("https without a certificate", "https://127.0.0.1:0")]
    public async Task Says_what_is_wrong_with_the_certificate_and_ends(string wrong, string named)
    {
        using var certificate = MakeCertificate();
        var settings = Settings("https://127.0.0.1:0");
        switch (wrong)
        {
            case "no such certificate":
                settings[1] = $"Kestrel:Certificates:Default:Path={Path.Combine(_certificates, named)}";
                break;
            case "no such key":
                settings[2] = $"Kestrel:Certificates:Default:KeyPath={Path.Combine(_certificates, named)}";
                break;
            case "a certificate that is none":
                await File.WriteAllTextAsync(CertificateFile, "none", TestContext.Current.CancellationToken);
                break;
            case "a key of another certificate":
                using (var another = ECDsa.Create())
                    await File.WriteAllTextAsync(
                        KeyFile, another.ExportPkcs8PrivateKeyPem(), TestContext.Current.CancellationToken);
                break;
            default:
                settings = settings[..1];
                break;
        }

        var (exitCode, output) = await ServerProcess.RunToEndAsync(_folder, settings);
        Assert.Equal(1, exitCode);
        Assert.Contains(named, output, StringComparison.Ordinal);
        Assert.Contains("Kestrel:Certificates:Default", output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", output, StringComparison.Ordinal);
    }

    // The settings of README.
    string[] Settings(string urls)
        =>
        [
            $"Urls={urls}",
            $"Kestrel:Certificates:Default:Path={CertificateFile}",
            $"Kestrel:Certificates:Default:KeyPath={KeyFile}",
        ];

    // Signed by itself, for this machine, and written as certbot does: two files of PEM.
    X509Certificate2 MakeCertificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=sliceapi", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        File.WriteAllText(CertificateFile, certificate.ExportCertificatePem());
        File.WriteAllText(KeyFile, key.ExportPkcs8PrivateKeyPem());
        return certificate;
    }

    static HttpClient ClientThatTrusts(X509Certificate2 certificate, ServerProcess server)
    {
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
        };
        policy.CustomTrustStore.Add(certificate);
        var handler = new SocketsHttpHandler
        {
            SslOptions = new SslClientAuthenticationOptions { CertificateChainPolicy = policy },
        };
        return new HttpClient(handler) { BaseAddress = AddressOf(server, "https:") };
    }

    static Uri AddressOf(ServerProcess server, string scheme)
        => new(Listening().Matches(server.Output)
            .Select(match => match.Groups[1].Value)
            .Single(address => address.StartsWith(scheme, StringComparison.Ordinal)));

    static string[] Values(HttpResponseMessage response)
        => response.Headers.TryGetValues("Strict-Transport-Security", out var values) ? [.. values] : [];

    [GeneratedRegex(@"Now listening on: (https?://[0-9.:]+)")]
    private static partial Regex Listening();
}
