using SliceApi.Infrastructure.Http.OpenApi;

[assembly: Feature("Auth", "Registering, logging in and out, sessions and passwords.")]
