using SliceApi.Infrastructure.Http.OpenApi;

[assembly: Feature("Transfers", "Money that moved from one account to another.")]
