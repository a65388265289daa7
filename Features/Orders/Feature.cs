using SliceApi.Infrastructure.Http.OpenApi;

[assembly: Feature("Orders", "Baskets that were ordered, from placed to paid or cancelled.")]
