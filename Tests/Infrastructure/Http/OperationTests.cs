using SliceApi.Infrastructure.Http.OpenApi;

namespace Tests.Infrastructure.Http;

public sealed class OperationTests
{
    [Theory]
    [InlineData(typeof(string), """{"type":"string"}""")]
    [InlineData(typeof(bool), """{"type":"boolean"}""")]
    [InlineData(typeof(int), """{"type":"integer","format":"int32"}""")]
    [InlineData(typeof(long?), """{"type":"integer","format":"int64"}""")]
    [InlineData(typeof(decimal), """{"type":"number","format":"double"}""")]
    [InlineData(typeof(Guid), """{"type":"string","format":"uuid"}""")]
    [InlineData(typeof(DateTimeOffset?), """{"type":"string","format":"date-time"}""")]
    [InlineData(typeof(DateOnly), """{"type":"string","format":"date"}""")]
    [InlineData(typeof(IReadOnlyList<Guid>), """{"type":"array","items":{"type":"string","format":"uuid"}}""")]
    [InlineData(typeof(Dictionary<string, int>), "{}")]
    [InlineData(typeof(Person), "{}")]
    public void A_member_that_may_be_left_out_has_the_schema_of_what_it_holds(Type type, string schema)
        => Assert.Equal(schema, Operation.SchemaOf(type).ToJsonString());
}
