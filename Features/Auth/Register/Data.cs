using SliceApi.Infrastructure.Events;
using SliceApi.Infrastructure.Persistence;
using SliceApi.Infrastructure.Persistence.Entities;
using SliceApi.Infrastructure.Security;

namespace SliceApi.Features.Auth.Register;

sealed class Data(Writer writer, PasswordHasher hasher, TimeProvider clock)
{
    public async Task<Response> CreateAsync(Request req, CancellationToken ct)
    {
        var hash = await hasher.HashAsync(req.Password, ct);
        var user = new User(req.Email, req.Name, hash, Roles.User, clock.GetUtcNow());
        await writer.RunAsync(
            async (scope, ct) =>
            {
                scope.Db.Add(user);
                // The unique index decides, not a look beforehand: two may register the same address at once.
                await scope.Db.SaveOrThrowAsync<EmailTaken>(UniqueIndex.UserEmail, ct);
                scope.Publish(new UserCreated(user.Id));
            },
            ct);
        return new Response(
            user.Id, user.Email, user.Name, user.Roles.Names(), user.Version, user.CreatedAt, user.UpdatedAt);
    }
}
