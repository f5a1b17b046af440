"""Compiled kernels of the local engine, over adjacency in compressed rows (`indptr`, `indices`, `weights`).

`strength` is each node's total weight, its own loops included; loops themselves are not in the rows, as they do not
change where a node belongs. `rate` is resolution / total strength. Imported on first use: numba is slow to import.
"""

from __future__ import annotations

import numba
import numpy as np


@numba.njit(cache=True, nogil=True)
def adjacency(n, a, b, weight):  # type: ignore[no-untyped-def]
    """Compressed rows of undirected edges and the strength of each node."""
    indptr = np.zeros(n + 1, np.int64)
    for e in range(len(a)):
        indptr[a[e] + 1] += 1
        indptr[b[e] + 1] += 1
    for v in range(n):
        indptr[v + 1] += indptr[v]
    at = indptr[:-1].copy()
    indices = np.empty(2 * len(a), np.int32)
    weights = np.empty(2 * len(a), np.float64)
    strength = np.zeros(n, np.float64)
    for e in range(len(a)):
        u, v, w = a[e], b[e], weight[e]
        indices[at[u]], weights[at[u]] = v, w
        indices[at[v]], weights[at[v]] = u, w
        at[u] += 1
        at[v] += 1
        strength[u] += w
        strength[v] += w
    return indptr, indices, weights, strength


@numba.njit(cache=True, nogil=True)
def pairs(n, a, b):  # type: ignore[no-untyped-def]
    """Distinct undirected pairs (lower, higher) and the pair of each row; rows with a == b get the number of pairs."""
    start = np.zeros(n + 1, np.int64)
    for e in range(len(a)):
        start[min(a[e], b[e]) + 1] += 1
    for v in range(n):
        start[v + 1] += start[v]
    at = start[:-1].copy()
    rows = np.empty(len(a), np.int64)
    for e in range(len(a)):
        low = min(a[e], b[e])
        rows[at[low]] = e
        at[low] += 1
    pair_of = np.empty(len(a), np.int32)
    low_end = np.empty(len(a), np.int32)
    high_end = np.empty(len(a), np.int32)
    slot = np.full(n, -1, np.int64)
    found = 0
    for v in range(n):
        first = found
        for i in range(start[v], start[v + 1]):
            e = rows[i]
            other = max(a[e], b[e])
            if other == v:
                pair_of[e] = -1
                continue
            if slot[other] < first:
                slot[other] = found
                low_end[found], high_end[found] = v, other
                found += 1
            pair_of[e] = slot[other]
    for e in range(len(a)):
        if pair_of[e] < 0:
            pair_of[e] = found
    return low_end[:found].copy(), high_end[:found].copy(), pair_of


@numba.njit(cache=True, nogil=True)
def move(indptr, indices, weights, strength, community, order, rate):  # type: ignore[no-untyped-def]
    """Move nodes to the community of most gain until none gains; a moved node wakes its neighbours outside."""
    n = len(strength)
    community = community.copy()
    total = np.zeros(n, np.float64)
    count = np.zeros(n, np.int32)
    for v in range(n):
        total[community[v]] += strength[v]
        count[community[v]] += 1
    empty = np.empty(n, np.int32)
    empties = 0
    for c in range(n - 1, -1, -1):
        if count[c] == 0:
            empty[empties] = c
            empties += 1
    link = np.zeros(n, np.float64)
    seen = np.empty(n, np.int32)
    queue = order.astype(np.int32)
    waiting = np.ones(n, np.bool_)
    head, length = 0, n
    while length > 0:
        v = queue[head]
        head = head + 1 if head + 1 < n else 0
        length -= 1
        waiting[v] = False
        home = community[v]
        found = 0
        for e in range(indptr[v], indptr[v + 1]):
            c = community[indices[e]]
            if link[c] == 0.0:
                seen[found] = c
                found += 1
            link[c] += weights[e]
        share = rate * strength[v]
        total[home] -= strength[v]
        best, best_gain = home, link[home] - share * total[home]
        # Rounding must not make two equal choices chase each other for ever.
        margin = 1e-12 * (1.0 + abs(best_gain))
        for i in range(found):
            c = seen[i]
            gain = link[c] - share * total[c]
            if gain > best_gain + margin:
                best, best_gain = c, gain
            link[c] = 0.0
        if best_gain < -margin and count[home] > 1 and empties > 0:
            best = empty[empties - 1]
        total[best] += strength[v]
        if best == home:
            continue
        if count[best] == 0:
            empties -= 1
        count[best] += 1
        count[home] -= 1
        if count[home] == 0:
            empty[empties] = home
            empties += 1
        community[v] = best
        for e in range(indptr[v], indptr[v + 1]):
            u = indices[e]
            if not waiting[u] and community[u] != best:
                waiting[u] = True
                tail = head + length
                queue[tail if tail < n else tail - n] = u
                length += 1
    return community


@numba.njit(cache=True, nogil=True)
def refine(indptr, indices, weights, strength, community, order, rate, share, made):  # type: ignore[no-untyped-def]
    """Parts inside each community: lone nodes join the part of most gain, where both are well connected to the rest.

    `share` is (threads, this one): every thread has the communities whose number leaves its own rest. What happens in one
    community does not touch another, so the parts do not depend on the number of threads. `made` are arrays they have in
    common, one value a node: (the part, to be filled; its size, 1; its strength; weight to the rest of the community, 0).
    """
    n = len(strength)
    threads, mine = share
    part, size, total, outward = made
    whole = np.zeros(n, np.float64)
    for v in range(n):
        whole[community[v]] += strength[v]
    for v in range(n):
        if community[v] % threads != mine:
            continue
        part[v] = v
        total[v] = strength[v]
        for e in range(indptr[v], indptr[v + 1]):
            if community[indices[e]] == community[v]:
                outward[v] += weights[e]
    link = np.zeros(n, np.float64)
    seen = np.empty(n, np.int32)
    for i in range(n):
        v = order[i]
        if community[v] % threads != mine:
            continue
        rest = whole[community[v]] - strength[v]
        if size[part[v]] > 1 or outward[v] < rate * strength[v] * rest:
            continue
        own = outward[v]
        found = 0
        for e in range(indptr[v], indptr[v + 1]):
            u = indices[e]
            if community[u] == community[v]:
                p = part[u]
                if link[p] == 0.0:
                    seen[found] = p
                    found += 1
                link[p] += weights[e]
        best, best_gain, best_link = part[v], 0.0, 0.0
        for j in range(found):
            p = seen[j]
            gain = link[p] - rate * strength[v] * total[p]
            well = outward[p] >= rate * total[p] * (whole[community[v]] - total[p])
            if well and gain > best_gain:
                best, best_gain, best_link = p, gain, link[p]
        for j in range(found):
            link[seen[j]] = 0.0
        if best != part[v]:
            size[part[v]] -= 1
            total[part[v]] -= strength[v]
            part[v] = best
            size[best] += 1
            total[best] += strength[v]
            outward[best] += own - 2.0 * best_link


@numba.njit(cache=True, nogil=True)
def members_of(part, parts):  # type: ignore[no-untyped-def]
    """The nodes of each part: (where each begins, the nodes)."""
    start = np.zeros(parts + 1, np.int64)
    for v in range(len(part)):
        start[part[v] + 1] += 1
    for p in range(parts):
        start[p + 1] += start[p]
    at = start[:-1].copy()
    members = np.empty(len(part), np.int32)
    for v in range(len(part)):
        members[at[part[v]]] = v
        at[part[v]] += 1
    return start, members


@numba.njit(cache=True, nogil=True)
def aggregate(indptr, indices, weights, strength, part, start, members, first_part, last_part):  # type: ignore[no-untyped-def]
    """Compressed rows of some parts in the graph whose nodes are the parts: (length of each row, indices, weights, strength)."""
    room = 0
    for i in range(start[first_part], start[last_part]):
        room += indptr[members[i] + 1] - indptr[members[i]]
    length = np.zeros(last_part - first_part, np.int64)
    new_indices = np.empty(room, np.int32)
    new_weights = np.empty(room, np.float64)
    new_strength = np.zeros(last_part - first_part, np.float64)
    slot = np.full(len(start) - 1, -1, np.int64)
    filled = 0
    for p in range(first_part, last_part):
        first = filled
        for i in range(start[p], start[p + 1]):
            v = members[i]
            new_strength[p - first_part] += strength[v]
            for e in range(indptr[v], indptr[v + 1]):
                q = part[indices[e]]
                if q == p:
                    continue
                if slot[q] < first:
                    slot[q] = filled
                    new_indices[filled] = q
                    new_weights[filled] = 0.0
                    filled += 1
                new_weights[slot[q]] += weights[e]
        length[p - first_part] = filled - first
    return length, new_indices[:filled], new_weights[:filled], new_strength


@numba.njit(cache=True, nogil=True)
def components(n, a, b):  # type: ignore[no-untyped-def]
    """A root node for each node, the same for all nodes that edges connect (union by lower number, path halving)."""
    root = np.arange(n).astype(np.int32)
    for e in range(len(a)):
        u, v = a[e], b[e]
        while root[u] != u:
            root[u] = root[root[u]]
            u = root[u]
        while root[v] != v:
            root[v] = root[root[v]]
            v = root[v]
        if u < v:
            root[v] = u
        elif v < u:
            root[u] = v
    for v in range(n):
        root[v] = root[root[v]]
    return root


@numba.njit(cache=True, nogil=True)
def renumber(groups):  # type: ignore[no-untyped-def]
    """Group numbers below len(groups) made dense, in order of first appearance."""
    number = np.full(len(groups), -1, np.int32)
    result = np.empty(len(groups), np.int32)
    following = 0
    for v in range(len(groups)):
        if number[groups[v]] < 0:
            number[groups[v]] = following
            following += 1
        result[v] = number[groups[v]]
    return result
