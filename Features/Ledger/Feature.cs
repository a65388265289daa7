using SliceApi.Infrastructure.Http.OpenApi;

[assembly: Feature("Ledger", "The books: whether everything adds up.")]
