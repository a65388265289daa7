using System.Linq.Expressions;
using System.Text;
using FluentValidation;
using FluentValidation.Results;

namespace FastEndpoints;

/// <summary>
/// The rules of a request. Found by scanning; one instance serves all requests, so its constructor takes singletons only.
/// </summary>
/// <typeparam name="TRequest">What requests are bound to.</typeparam>
public abstract class Validator<TRequest> : AbstractValidator<TRequest>
    where TRequest : notnull;

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
    internal static string Of(LambdaExpression property)
    {
        var path = new StringBuilder();
        for (var node = property.Body; ;)
        {
            switch (node)
            {
                case UnaryExpression { NodeType: ExpressionType.Convert } convert:
                    node = convert.Operand;
                    continue;
                case MemberExpression { Expression: { } parent } member:
                    if (path.Length > 0 && path[0] != '[') path.Insert(0, '.');
                    path.Insert(0, member.Member.Name);
                    node = parent;
                    continue;
                case BinaryExpression { NodeType: ExpressionType.ArrayIndex } index:
                    Index(path, index.Right);
                    node = index.Left;
                    continue;
                case MethodCallExpression { Object: { } list, Method.Name: "get_Item" } item:
                    Index(path, item.Arguments[0]);
                    node = list;
                    continue;
                case ParameterExpression:
                    return path.ToString();
                default:
                    throw new ArgumentException($"'{property}' is no path of members.", nameof(property));
            }
        }
    }

    static void Index(StringBuilder path, Expression index)
    {
        if (path.Length > 0 && path[0] != '[') path.Insert(0, '.');
        var value = Expression.Lambda(index).Compile(preferInterpretation: true).DynamicInvoke();
        path.Insert(0, $"[{value}]");
    }
}
