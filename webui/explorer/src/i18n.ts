/** The explorer's words in English and Chinese. Labels and relationship types fall back to their schema name. */
const EN = {
  search: "Search account, phone, name …", noHits: "Nothing found", undo: "Undo {what}", redo: "Redo {what}",
  undoNone: "Nothing to undo", redoNone: "Nothing to redo", fit: "Fit to screen (F)", locate: "Locate the selection", zoomIn: "Zoom in", zoomOut: "Zoom out",
  layout: "Layout", force: "Force", layers: "Money layers", radial: "Radial", circle: "Circle",
  labels: "Names", amounts: "Amounts", pin: "Pin", unpin: "Unpin", hide: "Hide", remove: "Take off the canvas", expand: "Expand …",
  collapse: "Collapse its expansion", path: "Shortest path", pathMoney: "Shortest path along the arrows", pathAny: "Shortest path, any direction",
  hidden: "Hidden: {n}", restoreAll: "Show all again", restore: "Show again", export: "Export", help: "Help", clear: "Clear the canvas",
  legend: "Legend", relationships: "Relationships", filters: "Filters", time: "Time", amount: "Amount", from: "from", to: "to", any: "any",
  reset: "Reset", details: "Details", table: "Table", nodes: "Nodes", lines: "Relationships", nothing: "Nothing selected. Click a node or a line; Shift adds to the selection.",
  selectedN: "{n} selected", counting: "Counting neighbours …", expandTitle: "Expand {name}", order: "Order", latest: "latest first", largest: "largest first", earliest: "earliest first",
  limit: "At most, each", expandDo: "Expand", cancel: "Cancel", noNeighbours: "It has no neighbours that you may see.", chooseOne: "Choose at least one group.",
  showing: "showing {n} of {all}", groupShowing: "{name}: showing {n} of {all} {rel}", added: "{n} nodes and {m} relationships added", addedNone: "Nothing new: all of it is on the canvas already.",
  counts: "{n} nodes, {m} relationships", filteredOut: "filters leave out {m} relationships and {n} nodes", otherCurrency: "{n} in other currencies are not judged by amount",
  collapsed: "{n} nodes taken off", collapseNone: "Its expansion brought nothing that can be taken off (pinned nodes stay).",
  selectTwo: "Select two nodes first (Shift and click).", noPath: "No path within {n} steps.", pathFound: "{n} shortest paths of {m} steps", finding: "Finding {id} loaded: a suggestion until a person adopts it",
  exported: "{name} saved", exporting: "Making the file …", exportEmpty: "Nothing on the canvas to export.", loading: "Loading …", settle: "Arranging …",
  layoutStop: "Stop", fallback: "No WebGL here: drawn without it, best below {n} nodes", empty: "Search for an account, phone, person or device to begin.",
  more: "Show more", name: "Name", label: "Kind", degree: "Links", in: "In", out: "Out", type: "Type", total: "Total", number: "Number", first: "First", last: "Last", start: "From", end: "To",
  source: "Source", row: "row {n}", load: "load {n}", zone: "Times are in {zone}", events: "Its {n} relationships", neighbours: "On the canvas", openFinding: "Open the finding", pinned: "pinned",
  graph: "Network drawing. {n} nodes, {m} relationships. The table beside it lists them.", actions: "Actions", close: "Close", searchAdded: "{name} added", there: "{name} is on the canvas already",
  aFilter: "filter", aMove: "move", aPin: "pin", aHide: "hide", aRestore: "show again", aExpand: "expand", aCollapse: "collapse", aLayout: "layout", aAdd: "add", aRemove: "take off", aPath: "path", aClear: "clear", aLegend: "legend",
  helpText: "F fit · E expand · P pin · H hide · Delete take off · / search · L names · Ctrl+Z undo · Ctrl+Y redo · Esc close or deselect · ? help. Double-click expands, right-click opens a menu, Shift adds to the selection, arrow keys move in the table.",
  tableMore: "showing {n} of {all} rows", selectAll: "Select all of this kind",
};
export type Word = keyof typeof EN;

const ZH: Record<Word, string> = {
  search: "搜索账户、电话、姓名 …", noHits: "没有结果", undo: "撤销{what}", redo: "重做{what}",
  undoNone: "没有可撤销的操作", redoNone: "没有可重做的操作", fit: "适应屏幕 (F)", locate: "定位所选", zoomIn: "放大", zoomOut: "缩小",
  layout: "布局", force: "力导向", layers: "资金层级", radial: "辐射", circle: "环形",
  labels: "名称", amounts: "金额", pin: "固定", unpin: "取消固定", hide: "隐藏", remove: "移出画布", expand: "展开 …",
  collapse: "收起其展开", path: "最短路径", pathMoney: "沿箭头方向的最短路径", pathAny: "任意方向的最短路径",
  hidden: "已隐藏：{n}", restoreAll: "全部恢复显示", restore: "恢复显示", export: "导出", help: "帮助", clear: "清空画布",
  legend: "图例", relationships: "关系", filters: "筛选", time: "时间", amount: "金额", from: "从", to: "到", any: "不限",
  reset: "重置", details: "详情", table: "列表", nodes: "节点", lines: "关系", nothing: "未选择。点击节点或连线；按住 Shift 可多选。",
  selectedN: "已选 {n} 个", counting: "正在统计邻居 …", expandTitle: "展开 {name}", order: "排序", latest: "最新优先", largest: "金额最大优先", earliest: "最早优先",
  limit: "每组最多", expandDo: "展开", cancel: "取消", noNeighbours: "没有您可查看的邻居。", chooseOne: "请至少选择一组。",
  showing: "显示 {n} / 共 {all}", groupShowing: "{name}：显示 {n} / 共 {all} 条{rel}", added: "新增 {n} 个节点、{m} 条关系", addedNone: "没有新增：全部已在画布上。",
  counts: "{n} 个节点，{m} 条关系", filteredOut: "筛选排除了 {m} 条关系和 {n} 个节点", otherCurrency: "{n} 条其他币种不按金额判断",
  collapsed: "已移出 {n} 个节点", collapseNone: "其展开没有可移出的节点（固定的节点保留）。",
  selectTwo: "请先选择两个节点（Shift 加点击）。", noPath: "{n} 步之内没有路径。", pathFound: "{n} 条最短路径，{m} 步", finding: "已载入发现 {id}：在有人采纳之前，仅为建议",
  exported: "已保存 {name}", exporting: "正在生成文件 …", exportEmpty: "画布上没有可导出的内容。", loading: "载入中 …", settle: "正在布局 …",
  layoutStop: "停止", fallback: "此处没有 WebGL：以普通方式绘制，{n} 个节点以内为宜", empty: "搜索账户、电话、人员或设备以开始。",
  more: "显示更多", name: "名称", label: "类别", degree: "连接", in: "入", out: "出", type: "类型", total: "合计", number: "笔数", first: "最早", last: "最晚", start: "从", end: "到",
  source: "来源", row: "第 {n} 行", load: "批次 {n}", zone: "时间为 {zone} 时区", events: "共 {n} 条关系", neighbours: "画布上", openFinding: "打开发现", pinned: "已固定",
  graph: "网络图。{n} 个节点，{m} 条关系。旁边的列表逐一列出。", actions: "操作", close: "关闭", searchAdded: "已添加 {name}", there: "{name} 已在画布上",
  aFilter: "筛选", aMove: "移动", aPin: "固定", aHide: "隐藏", aRestore: "恢复显示", aExpand: "展开", aCollapse: "收起", aLayout: "布局", aAdd: "添加", aRemove: "移出", aPath: "路径", aClear: "清空", aLegend: "图例",
  helpText: "F 适应屏幕 · E 展开 · P 固定 · H 隐藏 · Delete 移出 · / 搜索 · L 名称 · Ctrl+Z 撤销 · Ctrl+Y 重做 · Esc 关闭或取消选择 · ? 帮助。双击展开，右键打开菜单，Shift 多选，列表中用方向键移动。",
  tableMore: "显示 {n} / 共 {all} 行", selectAll: "选择全部此类",
};

const NAMES_ZH: Readonly<Record<string, string>> = {
  Person: "人员", Account: "账户", Phone: "电话", Device: "设备", IP: "IP 地址", Merchant: "商户", Organization: "机构", Wallet: "钱包",
  Handle: "社交账号", Domain: "域名", Finding: "发现", OWNS: "拥有", HELD_AT: "开户于", REGISTERED_WITH: "注册于", USED_DEVICE: "使用设备",
  CONNECTED_FROM: "登录自", TRANSFER: "转账", EXCHANGED: "兑换", MOVED: "转币", CALLED: "呼叫", TEXTED: "短信", VISITED: "访问", INVOLVES: "涉及",
  name: "名称", number: "号码", kind: "种类", institution: "机构", currency: "币种", status: "状态", region: "地区", opening_balance_minor: "期初余额",
  opened_at_ms: "开户时间", is_blocked: "已封停", carrier: "运营商", activated_at_ms: "激活时间", model: "型号", amount_minor: "金额", at_ms: "时间",
  channel: "渠道", memo: "附言", role: "角色", layer: "层级", score: "得分", reason: "理由", reasons: "理由", against: "反面理由", title: "标题",
  first_seen_ms: "首次", last_seen_ms: "末次", count: "次数", duration_s: "时长（秒）", text: "内容", since_ms: "自", starts_ms: "开始", ends_ms: "结束",
  size: "人数", gender: "性别", birth_date: "出生日期", country: "国家", id_number: "证件号码", category: "类别", chain: "链", platform: "平台",
  victim: "受害人", mule: "中转账户", collector: "归集账户", cash_out: "取现", member: "成员", hub: "枢纽", exchange: "兑换", payer: "付款人", payee: "收款人", recipient: "收款人", cash_point: "取现点", shared_identifier: "共用标识", seed: "起点", source: "来源", coin: "币种", coin_minor: "币额", received_minor: "到账金额", received_currency: "到账币种", id: "编号", type: "类型",
};
const NAMES_EN: Readonly<Record<string, string>> = {
  amount_minor: "amount", at_ms: "time", first_seen_ms: "first seen", last_seen_ms: "last seen", since_ms: "since", opened_at_ms: "opened",
  activated_at_ms: "activated", created_at_ms: "created", registered_at_ms: "registered", starts_ms: "starts", ends_ms: "ends",
  opening_balance_minor: "opening balance", is_blocked: "blocked", duration_s: "duration (s)", coin_minor: "coin amount", received_minor: "received",
};

export interface Words {
  readonly language: "en" | "zh";
  (word: Word, values?: Readonly<Record<string, string | number>>): string;
}

export function wordsFor(language: string): Words {
  const chosen = language.toLowerCase().startsWith("zh") ? "zh" : "en";
  const catalogue: Record<Word, string> = chosen === "zh" ? ZH : EN;
  const say = (word: Word, values: Readonly<Record<string, string | number>> = {}) =>
    catalogue[word].replace(/\{(\w+)\}/g, (_all, name: string) => String(values[name] ?? ""));
  return Object.assign(say, { language: chosen } as const);
}

/** A schema name (label, relationship type, property) in the reader's language. */
export function schemaName(words: Words, name: string): string {
  if (words.language === "zh") return NAMES_ZH[name] ?? name;
  return NAMES_EN[name] ?? (/^[A-Z]/.test(name) ? name : name.replace(/_/g, " "));
}

export const CATALOGUES = { en: EN as Record<string, string>, zh: ZH as Record<string, string> };
