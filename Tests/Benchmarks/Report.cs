using System.Globalization;
using System.Text;

namespace Benchmarks;

/// <summary>What a run has measured, as Markdown.</summary>
sealed class Report
{
    readonly List<string> _ratios = [];
    readonly List<string> _loads = [];
    readonly List<string> _figures = [];
    readonly List<string> _faults = [];

    /// <summary>Whether every answer was what it had to be. Says nothing about speed.</summary>
    public bool IsSound => _faults.Count == 0;

    /// <summary>One measurement beside another of the same run.</summary>
    /// <param name="what">Which beside which.</param>
    /// <param name="value">The first divided by the second.</param>
    /// <param name="goal">What it should be, if there is a goal.</param>
    public void Ratio(string what, double value, string goal = "")
        => _ratios.Add(Text($"| {what} | {value:0.00} | {goal} |"));

    /// <summary>Loads of the same kind; the median of each column is shown.</summary>
    public void Loads(string what, IReadOnlyCollection<Load> loads)
    {
        _loads.Add(Text(
            $"""
            | {what} | {Of(l => l.Rate):N0} | {Of(l => l.P50):0.00} | {Of(l => l.P99):0.00} | {Statuses(loads)} |
            """));

        double Of(Func<Load, double> column) => loads.Select(column).Median();
    }

    /// <summary>A single number.</summary>
    public void Figure(string what, double value, string unit)
        => _figures.Add($"| {what} | {Short(value)} {unit} |".Replace("  |", " |", StringComparison.Ordinal));

    /// <summary>Something that has to hold, or the figures mean nothing.</summary>
    public void Check(bool holds, string otherwise)
    {
        if (!holds)
            _faults.Add(otherwise);
    }

    /// <summary>Every request must have been answered, and not with an error.</summary>
    public void CheckAnswers(string what, IEnumerable<Load> loads)
    {
        var bad = loads.Sum(l => l.Refused + l.Broken);
        Check(bad == 0, $"{what}: {bad} requests were refused or not answered");
    }

    /// <summary>Every request must have been answered with this status.</summary>
    public void CheckAnswers(string what, int status, IEnumerable<Load> loads)
    {
        var bad = loads.Sum(l => l.Not(status));
        Check(bad == 0, $"{what}: {bad} requests were not answered {status}");
    }

    /// <summary>All of it.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        void Add(string head, IReadOnlyCollection<string> rows)
        {
            if (rows.Count > 0)
                text.Append('\n').Append(head).Append('\n').AppendJoin('\n', rows).Append('\n');
        }

        Add("| ratio | measured | goal |\n|---|---:|---|", _ratios);
        Add("| load | answers/s | p50 ms | p99 ms | answers |\n|---|---:|---:|---:|---|", _loads);
        Add("| figure | |\n|---|---:|", _figures);
        Add("**These figures cannot be trusted:**\n", [.. _faults.Select(fault => $"- {fault}")]);
        return text.ToString();
    }

    static string Statuses(IReadOnlyCollection<Load> loads)
    {
        var counted = loads.SelectMany(l => l.Statuses)
            .GroupBy(pair => pair.Key, pair => pair.Value)
            .OrderBy(status => status.Key)
            .Select(status => Text($"{status.Sum():N0} x {status.Key}"))
            .ToList();
        var refused = loads.Sum(l => l.Refused);
        if (counted.Count == 0)
        {
            counted.Add(Text($"{loads.Sum(l => l.Requests) - refused:N0} x below 400"));
            if (refused > 0)
                counted.Add(Text($"{refused:N0} from 400"));
        }

        if (loads.Sum(l => l.Broken) is > 0 and var broken)
            counted.Add(Text($"{broken:N0} not answered"));
        return string.Join(", ", counted);
    }

    // Three digits that count; whole numbers as they are.
    static string Short(double value)
        => value.ToString(
            value == Math.Round(value) || Math.Abs(value) >= 100 ? "N0" : Math.Abs(value) < 10 ? "0.00" : "0.0",
            CultureInfo.InvariantCulture);

    static string Text(FormattableString text) => FormattableString.Invariant(text);
}
