using SliceApi.Infrastructure.Http.OpenApi;

[assembly: Feature("Accounts", "Accounts that hold money of one currency, and their statements.")]
