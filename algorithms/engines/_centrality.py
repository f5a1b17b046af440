"""Compiled kernels of who matters in a network: PageRank, betweenness from sampled sources, cores, alike neighbours.

Adjacency comes in compressed rows (`indptr`, `indices`). All kernels run in one thread without the interpreter lock and
always give the same numbers for the same arrays. Imported on first use: numba is slow to import.
"""

from __future__ import annotations

import numba
import numpy as np


@numba.njit(cache=True, nogil=True)
def rows(n, ends, others):  # type: ignore[no-untyped-def]
    """Compressed rows: for each node 0..n-1 the `others` of the entries whose `ends` it is, in the order given."""
    indptr = np.zeros(n + 1, np.int64)
    for e in range(len(ends)):
        indptr[ends[e] + 1] += 1
    for v in range(n):
        indptr[v + 1] += indptr[v]
    at = indptr[:-1].copy()
    indices = np.empty(len(ends), np.int32)
    entry = np.empty(len(ends), np.int64)
    for e in range(len(ends)):
        indices[at[ends[e]]] = others[e]
        entry[at[ends[e]]] = e
        at[ends[e]] += 1
    return indptr, indices, entry


@numba.njit(cache=True, nogil=True)
def rank(indptr, indices, shares, score, damping):  # type: ignore[no-untyped-def]
    """One step of PageRank: (1 - damping) + damping x what comes in; also the largest change."""
    after = np.empty(len(score), np.float64)
    most = 0.0
    for v in range(len(score)):
        total = 0.0
        for i in range(indptr[v], indptr[v + 1]):
            total += score[indices[i]] * shares[i]
        after[v] = 1.0 - damping + damping * total
        most = max(most, abs(after[v] - score[v]))
    return after, most


@numba.njit(cache=True, nogil=True)
def between(indptr, indices, sources, total):  # type: ignore[no-untyped-def]
    """Adds to `total` each node's share of shortest paths from these sources (Brandes 2001, unweighted)."""
    n = len(indptr) - 1
    distance = np.full(n, -1, np.int32)
    paths = np.zeros(n, np.float64)
    share = np.zeros(n, np.float64)
    queue = np.empty(n, np.int32)
    for source in sources:
        distance[source], paths[source] = 0, 1.0
        queue[0] = source
        head, tail = 0, 1
        while head < tail:
            v = queue[head]
            head += 1
            for i in range(indptr[v], indptr[v + 1]):
                w = indices[i]
                if distance[w] < 0:
                    distance[w] = distance[v] + 1
                    queue[tail] = w
                    tail += 1
                if distance[w] == distance[v] + 1:
                    paths[w] += paths[v]
        for place in range(tail - 1, -1, -1):
            v = queue[place]
            for i in range(indptr[v], indptr[v + 1]):
                w = indices[i]
                if distance[w] == distance[v] + 1:
                    share[v] += paths[v] / paths[w] * (1.0 + share[w])
            if v != source:
                total[v] += share[v]
        for place in range(tail):
            v = queue[place]
            distance[v], paths[v], share[v] = -1, 0.0, 0.0


@numba.njit(cache=True, nogil=True)
def cores(indptr, indices):  # type: ignore[no-untyped-def]
    """Core number of each node by peeling in order of degree (Batagelj and Zaversnik 2003): linear in edges."""
    n = len(indptr) - 1
    degree = np.empty(n, np.int64)
    for v in range(n):
        degree[v] = indptr[v + 1] - indptr[v]
    most = 0
    for v in range(n):
        most = max(most, degree[v])
    start = np.zeros(most + 2, np.int64)
    for v in range(n):
        start[degree[v] + 1] += 1
    for d in range(most + 1):
        start[d + 1] += start[d]
    bins = start[:-1].copy()
    at = bins.copy()
    order = np.empty(n, np.int64)
    place = np.empty(n, np.int64)
    for v in range(n):
        place[v] = at[degree[v]]
        order[place[v]] = v
        at[degree[v]] += 1
    for step in range(n):
        v = order[step]
        for i in range(indptr[v], indptr[v + 1]):
            w = indices[i]
            if degree[w] > degree[v]:
                first = bins[degree[w]]
                other = order[first]
                if other != w:
                    order[first], order[place[w]] = w, other
                    place[other], place[w] = place[w], first
                bins[degree[w]] += 1
                degree[w] -= 1
    return degree


@numba.njit(cache=True, nogil=True)
def alike(things_of, things, users_of, users, low, high, cap, least, most):  # type: ignore[no-untyped-def]
    """For nodes low..high-1 the most alike others by Jaccard over their things: (node, other, share, in common).

    Things used by more than `cap` nodes are looked at by nobody, so the work is at most cap x entries. `least` is the
    lowest share kept, `most` the number kept of one node (ties by lower number).
    """
    n = len(things_of) - 1
    common = np.zeros(n, np.int32)
    size = np.zeros(n, np.int64)
    for v in range(n):
        for i in range(things_of[v], things_of[v + 1]):
            if users_of[things[i] + 1] - users_of[things[i]] <= cap:
                size[v] += 1
    found = [(np.int64(0), np.int64(0), 0.0, np.int64(0)) for _ in range(0)]
    for v in range(low, high):
        met = [np.int32(0) for _ in range(0)]
        for i in range(things_of[v], things_of[v + 1]):
            t = things[i]
            if users_of[t + 1] - users_of[t] > cap:
                continue
            for j in range(users_of[t], users_of[t + 1]):
                w = users[j]
                if w != v:
                    if common[w] == 0:
                        met.append(w)
                    common[w] += 1
        best = [(0.0, np.int64(0), np.int64(0)) for _ in range(0)]
        for w in met:
            share = common[w] / (size[v] + size[w] - common[w])
            if share >= least:
                best.append((-share, np.int64(w), np.int64(common[w])))
            common[w] = 0
        best.sort()
        for place in range(min(most, len(best))):
            found.append((np.int64(v), best[place][1], -best[place][0], best[place][2]))
    return found
