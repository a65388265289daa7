using System.Text;
using SliceApi.Infrastructure.Hosting;
using SliceApi.Infrastructure.Security;

namespace Tests.Infrastructure.Security;

public sealed class SigningKeysTests : IDisposable
{
    readonly string _folder = TestFolder.New();

    public void Dispose() => TestFolder.Delete(_folder);

    [Fact]
    public void Are_different_for_every_purpose()
    {
        using var folder = DataFolder.Open(_folder);
        var keys = SigningKeys.Load(new Settings(), folder);
        Assert.NotEqual(Encoding.ASCII.GetBytes(keys.AccessTokens), keys.RefreshTokens);
        Assert.Equal(32, keys.RefreshTokens.Length);
    }

    [Fact]
    public void Are_made_once_and_kept()
    {
        using var folder = DataFolder.Open(_folder);
        var first = SigningKeys.Load(new Settings(), folder);
        var second = SigningKeys.Load(new Settings(), folder);
        Assert.Equal(first.AccessTokens, second.AccessTokens);
        Assert.Equal(first.RefreshTokens, second.RefreshTokens);
        Assert.Equal(44, first.AccessTokens.Length);
    }

    [Fact]
    public void Are_not_made_when_one_is_configured()
    {
        using var folder = DataFolder.Open(_folder);
        var settings = new Settings { Jwt = new JwtSettings { SigningKey = App.SigningKey } };
        Assert.Equal(App.SigningKey, SigningKeys.Load(settings, folder).AccessTokens);
        Assert.False(File.Exists(folder.File("signing.key")));
    }

    [Fact]
    public void Do_not_come_from_a_damaged_file()
    {
        using var folder = DataFolder.Open(_folder);
        SigningKeys.Load(new Settings(), folder);
        File.WriteAllText(folder.File("signing.key"), "half");
        var refusal = Assert.Throws<StartupException>(() => SigningKeys.Load(new Settings(), folder));
        Assert.Contains("signing.key", refusal.Message, StringComparison.Ordinal);
    }
}
