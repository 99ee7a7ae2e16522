"""The access structure of docs/formats/attribute-keys.md §3.3: guarding, rows, occurrences, shares, weights."""

from attribute_groups import R, Malformed
from attribute_policy import join



def authorities(node):
    return {node[1]} if node[0] == "clause" else set().union(*map(authorities, node[1]))


def member_clause(authority, depth, revoked):
    def subtrees(length, bits, leaves):
        if not leaves:
            return [f"~m/{depth}/{length}/{bits}"]
        if length == depth:
            return []
        middle = (2 * bits + 1) << (depth - length - 1)
        return subtrees(length + 1, 2 * bits, [leaf for leaf in leaves if leaf < middle]) + subtrees(
            length + 1, 2 * bits + 1, [leaf for leaf in leaves if leaf >= middle]
        )

    names = subtrees(0, 0, revoked)
    if not names:
        raise Malformed("all members are revoked")
    return ("clause", authority, names, "")


def guarded(node, conditions):
    if not conditions:
        return node
    own = authorities(node)
    if len(own) == 1:
        condition = conditions.get(next(iter(own)))
        return ("and", [node, condition]) if condition else node
    kind, children = node
    if kind == "and":
        remaining, added = dict(conditions), []
        for child in children:
            if len(authorities(child)) == 1 and (condition := remaining.pop(next(iter(authorities(child))), None)):
                added.append(condition)
        return ("and", [child if len(authorities(child)) == 1 else guarded(child, remaining) for child in children] + added)
    if kind == "or":
        mixed = [guarded(child, conditions) for child in children if len(authorities(child)) > 1]
        groups = {}
        for child in children:
            if len(authorities(child)) == 1:
                groups.setdefault(next(iter(authorities(child))), []).append(child)
        return ("or", mixed + [guarded(join("or", group), conditions) for group in groups.values()])
    return (kind, [guarded(child, conditions) for child in children])


class AccessStructure:
    """Rows as (index of the authority, name) and the tree: an int, or (k, children) where 0 stands for all."""

    def __init__(self, node, members):
        self.names = sorted(authorities(node))
        self.rows = []
        conditions = {name: member_clause(name, *members[name]) for name in self.names if members.get(name)}
        self.tree = self.build(guarded(node, conditions))
        seen, self.occurrences = {}, []
        for row in self.rows:
            self.occurrences.append(seen.get(row, 0))
            seen[row] = self.occurrences[-1] + 1
        if len(self.rows) > 512:
            raise Malformed("more than 512 rows")

    def build(self, node):
        kind = node[0]
        if kind == "clause":
            first = len(self.rows)
            self.rows += [(self.names.index(node[1]), name) for name in node[2]]
            leaves = list(range(first, len(self.rows)))
            return leaves[0] if len(leaves) == 1 else (1, leaves)
        return ({"and": 0, "or": 1}.get(kind, kind), [self.build(child) for child in node[1]])

    def shares(self, value, draw):
        result = [0] * len(self.rows)

        def share(value, tree):
            if isinstance(tree, int):
                result[tree] = value % R
                return
            count, children = tree
            if count == 0:
                for child in children[:-1]:
                    part = draw()
                    value -= part
                    share(part, child)
                share(value, children[-1])
            else:
                polynomial = [value] + [draw() for _ in range(count - 1)]
                for point, child in enumerate(children, 1):
                    share(sum(factor * point**power for power, factor in enumerate(polynomial)), child)

        share(value, self.tree)
        return result

    def weights(self, holds):
        """Weights of a satisfying set of rows by row, or None."""

        def select(tree):
            if isinstance(tree, int):
                return {tree: 1} if holds(tree) else None
            count, children = tree
            found = [(point, rows) for point, rows in enumerate(map(select, children), 1) if rows is not None]
            count = count or len(children)
            if len(found) < count:
                return None
            if count == len(children) and tree[0] == 0:
                return {row: weight for _, rows in found for row, weight in rows.items()}
            chosen = found[-count:]
            result = {}
            for i, rows in chosen:
                factor = 1
                for j, _ in chosen:
                    if j != i:
                        factor = factor * j * pow(j - i, -1, R) % R
                result |= {row: weight * factor % R for row, weight in rows.items()}
            return result

        return select(self.tree)
