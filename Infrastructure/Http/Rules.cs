using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using FluentValidation;
using SliceApi.Infrastructure.Persistence.Entities;
using SliceApi.Infrastructure.Security;

namespace SliceApi.Infrastructure.Http;

/// <summary>Rules that validators of more than one slice share. Each reports the first thing that is wrong.</summary>
public static partial class Rules
{
    /// <summary>The shortest password, in code points (NIST SP 800-63B, 5.1.1.2).</summary>
    public const int MinPasswordLength = 8;

    /// <summary>The longest password, in code points.</summary>
    public const int MaxPasswordLength = 128;

    /// <summary>What is said of a password that is guessed first.</summary>
    public const string GuessablePassword = "This password is among the first that attackers try. Choose another.";

    const int MaxPage = 1_000_000;

    // A user name of these letters plus a digit or two is what somebody tries first on this very server.
    const string ProductName = "sliceapi";
    const int MaxAroundProductName = 4;

    const string NotOneLine = "Control characters, line breaks and marks that reorder text are not allowed here.";

    /// <summary>Text that is there and fits one line: no control characters, none that reorder or hide text.</summary>
    public static IRuleBuilderOptions<T, string> Line<T>(this IRuleBuilderInitial<T, string> rule, int maxLength)
        => rule.Cascade(CascadeMode.Stop)
            .NotEmpty()
            .MaximumLength(maxLength)
            .Must(IsOneLine)
            .WithMessage(NotOneLine);

    /// <summary>As <see cref="Line{T}"/>, but may be left out.</summary>
    public static IRuleBuilderOptions<T, string?> OptionalLine<T>(
        this IRuleBuilderInitial<T, string?> rule, int maxLength)
        => rule.Cascade(CascadeMode.Stop)
            .MaximumLength(maxLength)
            .Must(text => text is null || IsOneLine(text))
            .WithMessage(NotOneLine);

    /// <summary>An e-mail address that a message could be sent to.</summary>
    public static IRuleBuilderOptions<T, string> Email<T>(this IRuleBuilderInitial<T, string> rule)
        => rule.Cascade(CascadeMode.Stop)
            .NotEmpty()
            .MaximumLength(User.MaxEmailLength)
            .Must(email => AddressForm().IsMatch(email))
            .WithMessage("This is not an e-mail address.");

    /// <summary>
    /// A password worth hashing: of any characters but controls, long enough, and not one that is guessed first. There
    /// are no rules on what it is composed of.
    /// </summary>
    public static IRuleBuilderOptions<T, string> NewPassword<T>(
        this IRuleBuilderInitial<T, string> rule, Func<T, string?> email)
        => rule.KnownPassword()
            .Must(password => Nfc.Normalize(password).EnumerateRunes().Count() >= MinPasswordLength)
            .WithMessage($"A password has at least {MinPasswordLength} characters.")
            .Must((request, password) => !IsGuessable(password, email(request)))
            .WithMessage(GuessablePassword);

    /// <summary>A stock keeping unit: characters that can be seen.</summary>
    public static IRuleBuilderOptions<T, string> Sku<T>(this IRuleBuilderInitial<T, string> rule)
        => rule.Line(Product.MaxSkuLength)
            .Must(sku => !sku.EnumerateRunes().Any(IsInvisible))
            .WithMessage("A sku has no spaces and nothing else that cannot be seen.");

    /// <summary>The number of a page, from 1. Far pages cost as much as all before them, so there is an end.</summary>
    public static IRuleBuilderOptions<T, int> Page<T>(this IRuleBuilder<T, int> rule)
        => rule.InclusiveBetween(1, MaxPage);

    /// <summary>How many rows a page holds.</summary>
    public static IRuleBuilderOptions<T, int> PageSize<T>(this IRuleBuilder<T, int> rule)
        => rule.InclusiveBetween(1, 100);

    /// <summary>How many rows of a list an answer holds.</summary>
    public static IRuleBuilderOptions<T, int> Limit<T>(this IRuleBuilder<T, int> rule)
        => rule.InclusiveBetween(1, 100);

    /// <summary>An amount of money to pay, in minor units.</summary>
    public static IRuleBuilderOptions<T, long> Amount<T>(this IRuleBuilder<T, long> rule)
        => rule.InclusiveBetween(1, Money.Max);

    /// <summary>The code of a currency that there is.</summary>
    public static IRuleBuilderOptions<T, string> Currency<T>(this IRuleBuilderInitial<T, string> rule)
        => rule.Cascade(CascadeMode.Stop)
            .NotEmpty()
            .Must(Currencies.Contains)
            .WithMessage("This is no currency's ISO 4217 code in capitals, such as EUR.");

    /// <summary>One of a few words.</summary>
    public static IRuleBuilderOptions<T, string?> OneOf<T>(this IRuleBuilder<T, string?> rule, params string[] words)
        => rule.Must(text => words.Contains(text)).WithMessage($"This must be one of: {string.Join(", ", words)}.");

    /// <summary>Roles that there are, at least one, each once.</summary>
    public static IRuleBuilderOptions<T, IReadOnlyList<string>> RoleNames<T>(
        this IRuleBuilderInitial<T, IReadOnlyList<string>> rule)
        => rule.Cascade(CascadeMode.Stop)
            .NotEmpty()
            .Must(names =>
                names.All(name => name is Persistence.Entities.RoleNames.User or Persistence.Entities.RoleNames.Admin)
                && names.Distinct().Count() == names.Count)
            .WithMessage("Roles are 'user' and 'admin', each once at most.");

    /// <summary>A password as it may be sent to log in: whether it is right is not the validator's to say.</summary>
    public static IRuleBuilderOptions<T, string> KnownPassword<T>(this IRuleBuilderInitial<T, string> rule)
        => rule.Cascade(CascadeMode.Stop)
            // Not NotEmpty, which takes a password of spaces for none.
            .Must(password => !string.IsNullOrEmpty(password))
            .WithMessage("The password must not be empty.")
            .Must(password => password.Length <= 2 * MaxPasswordLength
                && password.EnumerateRunes().Count() <= MaxPasswordLength)
            .WithMessage($"A password has at most {MaxPasswordLength} characters.")
            .Must(password => !password.Any(char.IsControl))
            .WithMessage("A password has no control characters.");

    /// <summary>Whether a password is guessed first, for whoever has that e-mail address.</summary>
    public static bool IsGuessable(string password, string? email)
        => CommonPasswords.Contain(password)
            || password.Equals(email, StringComparison.OrdinalIgnoreCase)
            || password.Equals(email?.Split('@')[0], StringComparison.OrdinalIgnoreCase)
            || (password.Contains(ProductName, StringComparison.OrdinalIgnoreCase)
                && password.Length <= ProductName.Length + MaxAroundProductName);

    static bool IsOneLine(string text) => text.EnumerateRunes().All(IsPrintable);

    static bool IsPrintable(Rune rune)
        => Rune.GetUnicodeCategory(rune) switch
        {
            UnicodeCategory.Control or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator => false,
            UnicodeCategory.OtherNotAssigned => (rune.Value & 0xFFFE) != 0xFFFE,
            UnicodeCategory.Format => rune.Value is not (
                (>= 0x200E and <= 0x200F) or (>= 0x202A and <= 0x202E) or (>= 0x2066 and <= 0x2069)
                or 0x061C or 0xFEFF),
            // A lone surrogate is enumerated as U+FFFD, which nobody types.
            _ => rune != Rune.ReplacementChar,
        };

    static bool IsInvisible(Rune rune)
        => Rune.IsWhiteSpace(rune) || Rune.GetUnicodeCategory(rune) is UnicodeCategory.Format;

    // Unquoted local part, domain of dot-separated labels; both may hold letters of any script (RFC 6531).
    [GeneratedRegex(
        @"^[^\s\p{C}@""(),:;<>\[\]\\]{1,64}@"
        + @"[\p{L}\p{N}\p{M}]+(?:-+[\p{L}\p{N}\p{M}]+)*(?:\.[\p{L}\p{N}\p{M}]+(?:-+[\p{L}\p{N}\p{M}]+)*)*\z",
        RegexOptions.CultureInvariant)]
    private static partial Regex AddressForm();
}
