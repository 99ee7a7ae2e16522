"""Policies of docs/formats/attribute-keys.md §3.1 and §3.2: names, canonical text, normal form.

A node is ("clause", authority, names, text), ("and", children), ("or", children) or (k, children).
"""

import datetime
import re

from attribute_groups import Malformed

WORD = r"[a-z0-9][a-z0-9._-]{0,63}"
CLAUSE = re.compile(
    rf"({WORD}):(?:(valid in (\d{{4}})-(\d\d))|(~h[0-9a-f]{{32}})|(?!valid(?![a-z0-9._-]))({WORD})(?:=([^\s(),=<>:~]+)| (>=|<=|in) ([0-9.-]+))?)(?=$|[ ),])"
)


def number(text):
    """The number and whether it is a date; None for other text."""
    if re.fullmatch(r"\d{4}-\d\d-\d\d", text):
        try:
            days = (datetime.date.fromisoformat(text) - datetime.date(2000, 1, 1)).days
        except ValueError:
            return None
        return (days, True) if 0 <= days < 65536 else None
    if re.fullmatch(r"0|[1-9]\d{0,4}", text) and int(text) < 65536:
        return int(text), False
    return None


def number_text(value, is_date):
    return (datetime.date(2000, 1, 1) + datetime.timedelta(value)).isoformat() if is_date else str(value)


def cover(low, high, bits):
    """The prefixes that hold exactly low to high, as (length, bits)."""
    result = []
    while low <= high:
        shift = bits if low == 0 else min((low & -low).bit_length() - 1, bits)
        while low + (1 << shift) - 1 > high:
            shift -= 1
        result.append((bits - shift, low >> shift))
        low += 1 << shift
    return result


def prefix_name(label, length, bits, is_date):
    if length == 16:
        return f"{label}={number_text(bits, is_date)}"
    return f"~{'d' if is_date else 'n'}/{label}/{length}/{bits}"


def attribute_names(attribute):
    """All names of whoever was granted it."""
    label, _, value = attribute.partition("=")
    found = number(value)
    if found is None:
        return [attribute]
    return [prefix_name(label, length, found[0] >> (16 - length), found[1]) for length in range(17)]


def range_names(label, operator, operand):
    first, _, last = operand.partition("..") if operator == "in" else (operand, "", "")
    a, b = number(first), number(last) if operator == "in" else None
    if a is None or (operator == "in" and (b is None or a[1] != b[1])):
        raise Malformed("a comparison")
    low, high = {"in": lambda: (a[0], b[0]), ">=": lambda: (a[0], 65535), "<=": lambda: (0, a[0])}[operator]()
    best = ">=" if high == 65535 else "<=" if low == 0 else "in"
    if low >= high or best != operator:
        raise Malformed("a comparison that is not in normal form")
    return [prefix_name(label, length, bits, a[1]) for length, bits in cover(low, high, 16)]


# Canonical text.


class Parser:
    def __init__(self, text):
        self.text, self.position = text, 0

    def take(self, sign):
        if self.text.startswith(sign, self.position):
            self.position += len(sign)
            return True
        return False

    def expect(self, sign):
        if not self.take(sign):
            raise Malformed(f"expected {sign!r} at {self.position}")

    def node(self):
        children = [self.operand()]
        for operator in ("and", "or"):
            while self.take(f" {operator} "):
                children.append(self.operand())
            if len(children) > 1:
                return (operator, children)
        return children[0]

    def operand(self):
        if self.take("("):
            node = self.node()
            self.expect(")")
            return node
        if match := re.compile(r"([1-9]\d*) of \(").match(self.text, self.position):
            self.position = match.end()
            children = [self.node()]
            while self.take(", "):
                children.append(self.node())
            self.expect(")")
            return (int(match[1]), children)
        if not (match := CLAUSE.match(self.text, self.position)):
            raise Malformed(f"no clause at {self.position}")
        self.position = match.end()
        authority, valid, year, month, hidden, label, value, operator, operand = match.groups()
        if valid:
            months = (int(year) - 2000) * 12 + int(month) - 1
            names = [f"~v/{length}/{months >> (12 - length)}" for length in range(12, 0, -1)]
        elif operator:
            names = range_names(label, operator, operand)
        else:
            names = [hidden or (f"{label}={value}" if value else label)]
        return ("clause", authority, names, match[0])


def text(node):
    kind, children = node[0], node[1]
    if kind == "clause":
        return node[3]
    if kind in ("and", "or"):
        return f" {kind} ".join(f"({text(child)})" if child[0] in ("and", "or") else text(child) for child in children)
    return f"{kind} of ({', '.join(map(text, children))})"


def parsed(policy):
    """The tree of a canonical text; anything else is refused."""
    parser = Parser(policy)
    node = parser.node()
    if parser.position != len(policy) or text(node) != policy or text(normalized(node)) != policy:
        raise Malformed("the policy is not in normal form")
    return node


# Normal form, §3.2.


def order(nodes):
    return sorted(nodes, key=lambda node: text(node).encode())


def parts(operator, node):
    return node[1] if node[0] == operator else [node]


def join(operator, nodes):
    return nodes[0] if len(nodes) == 1 else (operator, nodes)


def flat(operator, nodes):
    return order({text(part): part for node in nodes for part in parts(operator, node)}.values())


def normalized(node):
    kind, children = node[0], node[1]
    if kind == "clause":
        return node
    children = [normalized(child) for child in children]
    if kind in ("and", "or"):
        return combine(kind, children)
    if kind in (1, len(children)):
        return combine("or" if kind == 1 else "and", children)
    return (kind, order(children))


def combine(operator, children):
    dual = "or" if operator == "and" else "and"
    terms = flat(operator, children)
    while True:
        sets = [{text(part) for part in parts(dual, term)} for term in terms]
        kept = [term for term, own in zip(terms, sets) if not any(other < own for other in sets)]
        reduced = flat(operator, factored(operator, dual, kept))
        if list(map(text, reduced)) == list(map(text, terms)):
            return join(operator, terms)
        terms = reduced


def factored(operator, dual, terms):
    groups = [parts(dual, term) for term in terms]
    while True:
        counts = {}
        for group in groups:
            for part in group if len(group) > 1 else []:
                counts.setdefault(text(part), [part, 0])[1] += 1
        common = sorted(((-count, key.encode(), part) for key, (part, count) in counts.items() if count > 1), key=lambda entry: entry[:2])
        if not common:
            return [join(dual, group) for group in groups]
        factor = common[0][2]
        having = [group for group in groups if any(text(part) == text(factor) for part in group)]
        rest = [join(dual, [part for part in group if text(part) != text(factor)]) for group in having]
        groups = [group for group in groups if not any(group is other for other in having)]
        groups.append(parts(dual, combine(dual, [factor, combine(operator, rest)])))
