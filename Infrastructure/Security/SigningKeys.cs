using System.Security.Cryptography;
using System.Text;
using SliceApi.Infrastructure.Hosting;

namespace SliceApi.Infrastructure.Security;

/// <summary>
/// The keys that sign what the API hands out. One is configured or kept in the data folder; the others are derived from
/// it (HKDF, RFC 5869), so that a signature made for one purpose is worthless for another.
/// </summary>
public sealed class SigningKeys
{
    const int KeyBytes = 32;
    const string FileName = "signing.key";

    SigningKeys(string accessTokens)
    {
        AccessTokens = accessTokens;
        RefreshTokens = Derive(accessTokens, "sliceapi refresh token v1");
        Cursors = Derive(accessTokens, "sliceapi cursor v1");
    }

    /// <summary>Signs access tokens: ASCII text, at least 32 characters.</summary>
    public string AccessTokens { get; }

    /// <summary>Signs refresh tokens.</summary>
    public byte[] RefreshTokens { get; }

    /// <summary>Signs cursors of lists.</summary>
    public byte[] Cursors { get; }

    /// <summary>Takes the configured key, or the one in the data folder, made on the first start.</summary>
    /// <exception cref="StartupException">The key file is open to other users or holds no key.</exception>
    public static SigningKeys Load(Settings settings, DataFolder folder)
        => new(settings.Jwt.SigningKey.Length > 0 ? settings.Jwt.SigningKey : FromFile(folder.File(FileName)));

    static string FromFile(string file)
    {
        if (!File.Exists(file))
            Make(file);
        if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(file) & ~DataFolder.OwnerOnly) != 0)
            throw new StartupException($"Others than its owner may read the signing key {file}. Run: chmod 600 {file}");
        var key = File.ReadAllText(file, Encoding.ASCII).Trim();
        return key.Length >= JwtSettings.MinSigningKeyBytes
            ? key
            : throw new StartupException(
                $"The file {file} holds no signing key. Put the right one back, or delete it to have a new one made: "
                + "everybody has to sign in again then.");
    }

    // Written aside and renamed: a crash in between leaves no half a key.
    static void Make(string file)
    {
        var unfinished = file + ".new";
        File.Delete(unfinished);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = DataFolder.OwnerOnly;
        using (var stream = new FileStream(unfinished, options))
        {
            stream.Write(Encoding.ASCII.GetBytes(Convert.ToBase64String(RandomNumberGenerator.GetBytes(KeyBytes))));
            stream.Flush(flushToDisk: true);
        }

        File.Move(unfinished, file);
    }

    static byte[] Derive(string key, string purpose)
        => HKDF.DeriveKey(
            HashAlgorithmName.SHA256, Encoding.ASCII.GetBytes(key), KeyBytes, info: Encoding.ASCII.GetBytes(purpose));
}
