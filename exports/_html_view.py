"""Fixed parts of the HTML export: its page, style and script. Nothing here comes from data; data is one JSON block.

The script builds the page with textContent only, so no value can become markup.
"""

from __future__ import annotations

STYLE = """
:root{--ink:#1a202c;--dim:#5a6778;--line:#d5dce5;--back:#f6f8fa;--card:#fff;--accent:#1f5f99}
@media (prefers-color-scheme:dark){:root{--ink:#e6eaf0;--dim:#9aa7b8;--line:#334155;--back:#111827;--card:#1a2332;--accent:#7db8ee}}
*{box-sizing:border-box}html,body{height:100%;margin:0}
body{font:14px/1.45 system-ui,"Noto Sans CJK SC","Microsoft YaHei",sans-serif;color:var(--ink);background:var(--back);display:flex;flex-direction:column}
header{padding:.6rem 1rem;border-bottom:1px solid var(--line);background:var(--card);display:flex;flex-wrap:wrap;gap:.2rem 1.2rem;align-items:baseline}
h1{font-size:1.1rem;margin:0;overflow-wrap:anywhere}h2{font-size:.8rem;margin:.9rem 0 .35rem;color:var(--dim);text-transform:uppercase;letter-spacing:.04em}
header p{margin:0;color:var(--dim)}header p.omitted{color:#b45309;width:100%}
main{flex:1;display:flex;min-height:0}
#mynetwork{flex:1;min-width:0;background:var(--card);position:relative}
aside{width:22rem;max-width:45vw;overflow:auto;border-left:1px solid var(--line);padding:.2rem 1rem 1rem;background:var(--card)}
ul{list-style:none;margin:0;padding:0}li button{all:unset;cursor:pointer;display:block;width:100%;padding:.18rem .3rem;border-radius:4px;overflow-wrap:anywhere}
li button:hover,li button:focus-visible{background:var(--back);outline:1px solid var(--accent)}
.legend li{display:flex;gap:.5rem;align-items:center;padding:.1rem 0}.legend span.count{margin-left:auto;color:var(--dim);font-variant-numeric:tabular-nums}
.swatch{width:1.5rem;height:1.1rem;border-radius:3px;color:#fff;font-size:.68rem;font-weight:700;display:inline-flex;align-items:center;justify-content:center}
.swatch.circle{border-radius:50%;width:1.2rem;height:1.2rem}.swatch.diamond{border-radius:0;clip-path:polygon(50% 0,100% 50%,50% 100%,0 50%);width:1.7rem;height:1.5rem}
dl{display:grid;grid-template-columns:minmax(6rem,auto) 1fr;gap:.15rem .7rem;margin:0}dt{color:var(--dim);overflow-wrap:anywhere}dd{margin:0;overflow-wrap:anywhere;white-space:pre-wrap}
input{width:100%;padding:.35rem .5rem;border:1px solid var(--line);border-radius:4px;background:var(--back);color:inherit;font:inherit}
.note{color:var(--dim);font-size:.85em;margin:.3rem 0}.event{border-top:1px solid var(--line);padding-top:.4rem;margin-top:.4rem}
"""

SCRIPT = r"""
"use strict";
(function () {
  var page = JSON.parse(document.getElementById("ringtrace-data").textContent);
  var words = page.words, LIST = 200;
  function el(tag, className, text) {
    var made = document.createElement(tag);
    if (className) made.className = className;
    if (text !== undefined) made.textContent = text;
    return made;
  }
  function empty(node) { while (node.firstChild) node.removeChild(node.firstChild); return node; }
  var dark = window.matchMedia("(prefers-color-scheme: dark)").matches;
  page.options.nodes.font.color = dark ? "#e6eaf0" : "#1a202c";
  page.options.edges.font.color = dark ? "#c3ccd8" : "#4a5568";
  page.options.edges.font.strokeColor = dark ? "#1a2332" : "#ffffff";
  var nodes = new vis.DataSet(page.nodes), edges = new vis.DataSet(page.edges);
  var network = new vis.Network(document.getElementById("mynetwork"), { nodes: nodes, edges: edges }, page.options);
  network.once("afterDrawing", function () { network.fit(); document.body.setAttribute("data-drawn", String(page.nodes.length)); });
  var details = document.getElementById("details");
  function facts(rows) {
    var list = el("dl");
    rows.forEach(function (row) { list.appendChild(el("dt", "", row[0])); list.appendChild(el("dd", "", row[1])); });
    return list;
  }
  function showNode(id) {
    var index = page.index[id];
    if (index === undefined) return;
    empty(details).appendChild(facts(page.node_facts[index]));
    var near = page.edges.filter(function (edge) { return edge.from === id || edge.to === id; });
    details.appendChild(el("h2", "", words.relationships + " (" + near.length + ")"));
    var list = el("ul");
    near.slice(0, LIST).forEach(function (edge) {
      var item = el("li"), button = el("button", "", page.edge_names[page.edge_index[edge.id]]);
      button.type = "button";
      button.addEventListener("click", function () { network.selectEdges([edge.id]); showEdge(edge.id); });
      item.appendChild(button); list.appendChild(item);
    });
    details.appendChild(list);
    if (near.length > LIST) details.appendChild(el("p", "note", words.showing.replace("{n}", LIST).replace("{all}", near.length)));
  }
  function showEdge(id) {
    var index = page.edge_index[id];
    if (index === undefined) return;
    empty(details).appendChild(el("p", "", page.edge_names[index]));
    var events = page.edge_facts[index];
    events.slice(0, LIST).forEach(function (rows) { var box = el("div", "event"); box.appendChild(facts(rows)); details.appendChild(box); });
    if (events.length > LIST) details.appendChild(el("p", "note", words.showing.replace("{n}", LIST).replace("{all}", events.length)));
  }
  network.on("click", function (event) {
    if (event.nodes.length) showNode(event.nodes[0]);
    else if (event.edges.length) showEdge(event.edges[0]);
  });
  var legend = document.getElementById("legend");
  page.legend.forEach(function (entry) {
    var item = el("li"), swatch = el("span", "swatch " + entry.shape, entry.mark);
    swatch.style.backgroundColor = entry.color;
    item.appendChild(swatch); item.appendChild(el("span", "", entry.name)); item.appendChild(el("span", "count", String(entry.count)));
    legend.appendChild(item);
  });
  var list = document.getElementById("list"), note = document.getElementById("list-note"), find = document.getElementById("find");
  function fill() {
    var wanted = find.value.trim().toLowerCase();
    var hits = page.nodes.filter(function (node, index) {
      return !wanted || page.search[index].indexOf(wanted) >= 0;
    });
    empty(list);
    hits.slice(0, LIST).forEach(function (node) {
      var item = el("li"), button = el("button", "", page.node_names[page.index[node.id]]);
      button.type = "button";
      button.addEventListener("click", function () { network.selectNodes([node.id]); network.focus(node.id, { scale: 1 }); showNode(node.id); });
      item.appendChild(button); list.appendChild(item);
    });
    note.textContent = words.showing.replace("{n}", Math.min(LIST, hits.length)).replace("{all}", hits.length);
  }
  find.addEventListener("input", fill);
  fill();
})();
"""

PAGE = """<!DOCTYPE html>
<html lang="{{ language }}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{{ policy }}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="generator" content="Ringtrace, pyvis">
<link rel="icon" href="data:,">
<title>{{ heading }}</title>
<style>{{ style }}</style>
</head>
<body>
<header>
<h1>{{ heading }}</h1>
<p>{{ byline }}</p>
{% for line in omitted %}<p class="omitted">{{ line }}</p>{% endfor %}
</header>
<main>
<div id="mynetwork" role="img" aria-label="{{ summary }}"></div>
<aside>
<h2>{{ words.legend }}</h2><ul id="legend" class="legend"></ul>
<h2>{{ words.details }}</h2><div id="details" aria-live="polite"><p class="note">{{ words.click }}</p></div>
<h2>{{ words.nodes }}</h2>
<input id="find" type="search" aria-label="{{ words.find }}" placeholder="{{ words.find }}">
<p class="note" id="list-note"></p><ul id="list"></ul>
</aside>
</main>
<noscript><p>{{ words.noscript }}</p></noscript>
<script type="application/json" id="ringtrace-data">{{ data }}</script>
<script>{{ library }}</script>
<script>{{ script }}</script>
</body>
</html>
"""

WORDS = {
    "en": {
        "legend": "Legend", "details": "Details", "nodes": "Nodes", "relationships": "Relationships",
        "find": "Find a node", "click": "Click a node or a line to see what is known of it.",
        "showing": "showing {n} of {all}", "by": "by {author}, {at}, data version {seq}; times are UTC",
        "summary": "Network of {nodes} nodes and {rels} relationships", "noscript": "The drawing needs JavaScript.",
        "times": "{n} × {type}",
    },
    "zh": {
        "legend": "图例", "details": "详情", "nodes": "节点", "relationships": "关系",
        "find": "查找节点", "click": "点击节点或连线查看详情。",
        "showing": "显示 {n} / 共 {all}", "by": "{author} 制作，{at}，数据版本 {seq}；时间为 UTC",
        "summary": "网络：{nodes} 个节点，{rels} 条关系", "noscript": "绘图需要启用 JavaScript。",
        "times": "{n} × {type}",
    },
}  # fmt: skip
