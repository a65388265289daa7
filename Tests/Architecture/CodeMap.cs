using System.Reflection;
using System.Reflection.Emit;

namespace Tests.Architecture;

/// <summary>Which members each type of an assembly refers to, in signatures and in code.</summary>
static class CodeMap
{
    const BindingFlags Everything = BindingFlags.DeclaredOnly | BindingFlags.Public | BindingFlags.NonPublic
        | BindingFlags.Instance | BindingFlags.Static;

    static readonly Dictionary<short, OpCode> OpCodesByValue = typeof(OpCodes)
        .GetFields(BindingFlags.Public | BindingFlags.Static)
        .Select(field => (OpCode)field.GetValue(null)!)
        .ToDictionary(code => code.Value);

    /// <summary>
    /// The members used by <paramref name="type"/>: what lambdas and async methods were compiled into belongs to it.
    /// </summary>
    public static HashSet<MemberInfo> MembersUsedBy(Type type)
    {
        var used = new HashSet<MemberInfo>();
        Collect(type, used);
        return used;
    }

    /// <summary>The types among and behind <paramref name="members"/>, generic arguments taken apart.</summary>
    public static HashSet<Type> Types(IEnumerable<MemberInfo> members)
    {
        var types = new HashSet<Type>();
        foreach (var member in members)
        {
            Add(member as Type ?? member.DeclaringType, types);
            if (member is MethodInfo { IsGenericMethod: true } method)
            {
                foreach (var argument in method.GetGenericArguments())
                    Add(argument, types);
            }
        }

        return types;
    }

    /// <summary>The type as it was written: not the class that a lambda or an async method was compiled into.</summary>
    public static Type AsWritten(Type type)
    {
        while (type.DeclaringType is { } outer)
            type = outer;
        return type;
    }

    static void Collect(Type type, HashSet<MemberInfo> used)
    {
        AddType(type.BaseType, used);
        foreach (var contract in type.GetInterfaces())
            AddType(contract, used);
        foreach (var field in type.GetFields(Everything))
            AddType(field.FieldType, used);
        foreach (var method in type.GetMethods(Everything).Cast<MethodBase>().Concat(type.GetConstructors(Everything)))
            CollectMethod(method, used);
        foreach (var nested in type.GetNestedTypes(Everything))
            Collect(nested, used);
    }

    static void CollectMethod(MethodBase method, HashSet<MemberInfo> used)
    {
        AddType((method as MethodInfo)?.ReturnType, used);
        foreach (var parameter in method.GetParameters())
            AddType(parameter.ParameterType, used);
        if (method.GetMethodBody() is not { } body)
            return;
        foreach (var local in body.LocalVariables)
            AddType(local.LocalType, used);
        foreach (var member in Tokens(method, body.GetILAsByteArray()!))
        {
            used.Add(member);
            AddType(member as Type ?? member.DeclaringType, used);
        }
    }

    static IEnumerable<MemberInfo> Tokens(MethodBase method, byte[] il)
    {
        var typeArguments = method.DeclaringType!.IsGenericType ? method.DeclaringType.GetGenericArguments() : null;
        var methodArguments = method.IsGenericMethod ? method.GetGenericArguments() : null;
        for (var at = 0; at < il.Length;)
        {
            short value = il[at++];
            if (value == 0xFE)
                value = (short)(0xFE00 | il[at++]);
            var code = OpCodesByValue[value];
            if (code.OperandType is OperandType.InlineField
                or OperandType.InlineMethod
                or OperandType.InlineTok
                or OperandType.InlineType)
            {
                yield return method.Module.ResolveMember(BitConverter.ToInt32(il, at), typeArguments, methodArguments)!;
            }

            at += code.OperandType switch
            {
                OperandType.InlineNone => 0,
                OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
                OperandType.InlineVar => 2,
                OperandType.InlineI8 or OperandType.InlineR => 8,
                OperandType.InlineSwitch => 4 + (4 * BitConverter.ToInt32(il, at)),
                _ => 4,
            };
        }
    }

    static void AddType(Type? type, HashSet<MemberInfo> used)
    {
        if (type is null)
            return;
        var parts = new HashSet<Type>();
        Add(type, parts);
        used.UnionWith(parts);
    }

    static void Add(Type? type, HashSet<Type> types)
    {
        while (type?.HasElementType == true)
            type = type.GetElementType();
        if (type is null || type.IsGenericParameter)
            return;
        if (!type.IsConstructedGenericType)
        {
            types.Add(type);
            return;
        }

        types.Add(type.GetGenericTypeDefinition());
        foreach (var argument in type.GetGenericArguments())
            Add(argument, types);
    }
}
