namespace SliceApi.Features.Ledger.Verify;

/// <param name="Balanced">Whether nothing was found.</param>
/// <param name="Accounts">How many accounts there are.</param>
/// <param name="Transfers">How many transfers there are.</param>
/// <param name="Entries">How many entries there are: two for each transfer.</param>
/// <param name="Mismatches">What was found, at most 100 of each kind.</param>
sealed record Response(
    bool Balanced, long Accounts, long Transfers, long Entries, IReadOnlyList<Response.Mismatch> Mismatches)
{
    /// <param name="Kind">
    /// What is wrong: <c>transfer_entries</c>, <c>stray_entries</c>, <c>account_balance</c> or <c>negative_balance</c>.
    /// </param>
    /// <param name="Id">The transfer or account; absent when it is about all.</param>
    public sealed record Mismatch(string Kind, Guid? Id);
}
