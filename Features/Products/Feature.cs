using SliceApi.Infrastructure.Http.OpenApi;

[assembly: Feature("Products", "What can be ordered, at which price, and how much of it there is.")]
