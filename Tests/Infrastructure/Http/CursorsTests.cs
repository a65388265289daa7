using System.Buffers.Text;
using Microsoft.Extensions.DependencyInjection;
using SliceApi.Infrastructure.Http;

namespace Tests.Infrastructure.Http;

public sealed class CursorsTests(App app)
{
    static readonly Guid Somebody = new("0199c0de-0000-7000-8000-000000000001");
    static readonly Guid Row = new("0199c0de-1234-7abc-8def-0123456789ab");
    static readonly string Scope = Cursors.Scope("things", Somebody, "red", null);

    Cursors Sut => app.Services.GetRequiredService<Cursors>();

    [Fact]
    public void Lead_to_where_the_page_ended()
    {
        Assert.Equal(Cursors.Start, Sut.Read(null, Scope));
        Assert.Equal(Row, Sut.Read(Made(), Scope));
        var numbers = Sut.Page([9L, 8], 1, Scope, number => number);
        Assert.Equal(9, Sut.ReadNumber(numbers.Next, Scope));
        Assert.Equal(long.MaxValue, Sut.ReadNumber(null, Scope));
    }

    [Fact]
    public void End_with_the_list()
    {
        Assert.Null(Sut.Page([Row], 1, Scope, id => id).Next);
        Assert.Equal([Row], Sut.Page([Row, Guid.Empty], 1, Scope, id => id).Rows);
    }

    [Fact]
    public void Are_good_for_one_list_one_caller_and_its_filters()
    {
        string[] others =
        [
            Cursors.Scope("thing", Somebody, "red", null),
            Cursors.Scope("things", Guid.Empty, "red", null),
            Cursors.Scope("things", null, "red", null),
            Cursors.Scope("things", Somebody, null, null),
            Cursors.Scope("things", Somebody, "red"),
            Cursors.Scope("things", Somebody, "red", ""),
            Cursors.Scope("things", Somebody, "red|-1:"),
            Cursors.Scope("things", Somebody, null, "red"),
        ];
        Assert.Equal(others.Length, others.Distinct().Count());
        Assert.All(others, other => Assert.Throws<InvalidCursor>(() => Sut.Read(Made(), other)));
    }

    [Fact]
    public void Are_refused_when_anything_was_changed()
    {
        var cursor = Made();
        for (var i = 0; i < cursor.Length; i++)
        {
            foreach (var c in "AB-_.=+/ é\0".Where(c => c != cursor[i]))
                Refused(cursor[..i] + c + cursor[(i + 1)..]);
            Refused(cursor[..i]);
        }

        string[] others = ["", " ", cursor + "A", cursor + "=", " " + cursor, cursor + "\n", new string('A', 1 << 20)];
        foreach (var other in others)
            Refused(other);
        var bytes = Base64Url.DecodeFromChars(cursor);
        for (var bit = 0; bit < bytes.Length * 8; bit++)
        {
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
            Refused(Base64Url.EncodeToString(bytes));
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
        }
    }

    string Made() => Sut.Page([Row, Guid.Empty], 1, Scope, id => id).Next!;

    void Refused(string cursor) => Assert.Throws<InvalidCursor>(() => Sut.Read(cursor, Scope));
}
