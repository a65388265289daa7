using SliceApi.Infrastructure.Http.OpenApi;

[assembly: Feature("Users", "Who has an account here: themselves, and administrators for all.")]
