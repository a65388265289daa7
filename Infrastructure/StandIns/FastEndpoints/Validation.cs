using System.Linq.Expressions;
using FluentValidation;
using FluentValidation.Results;

namespace FastEndpoints;

/// <summary>
/// The rules of a request. Found by scanning; one instance serves all requests, so it takes singletons only.
/// </summary>
public abstract class Validator<TRequest> : AbstractValidator<TRequest> where TRequest : notnull;

/// <summary>Ends an endpoint with the failures it has noted.</summary>
/// <param name="failures">What is wrong with the request.</param>
/// <param name="message">What happened.</param>
public sealed class ValidationFailureException(IEnumerable<ValidationFailure> failures, string message)
    : Exception(message)
{
    /// <summary>What is wrong with the request.</summary>
    public IEnumerable<ValidationFailure> Failures { get; } = failures;
    /// <summary>The status to answer; null takes the configured one.</summary>
    public int? StatusCode { get; init; }
}

/// <summary>The path of a member as validators write it: <c>Lines[0].Quantity</c>.</summary>
static class PropertyPath
{
    internal static string Of(LambdaExpression property) => Of(property.Body).TrimStart('.');

    static string Of(Expression node) => node switch
    {
        ParameterExpression => "",
        UnaryExpression { NodeType: ExpressionType.Convert } convert => Of(convert.Operand),
        MemberExpression { Expression: { } parent } member => $"{Of(parent)}.{member.Member.Name}",
        BinaryExpression { NodeType: ExpressionType.ArrayIndex } item => $"{Of(item.Left)}[{Value(item.Right)}]",
        MethodCallExpression { Object: { } list, Method.Name: "get_Item" } i => $"{Of(list)}[{Value(i.Arguments[0])}]",
        _ => throw new ArgumentException($"'{node}' is no path of members."),
    };

    static object? Value(Expression index)
        => Expression.Lambda(index).Compile(preferInterpretation: true).DynamicInvoke();
}
