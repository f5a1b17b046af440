/** The explorer's words in English and Chinese. Labels and relationship types fall back to their schema name. */
import { EN, type Word } from "./words/en";
import { ZH } from "./words/zh";

export type { Word };
const NAMES_ZH: Readonly<Record<string, string>> = {
  Person: "人员", Account: "账户", Phone: "电话", Device: "设备", IP: "IP 地址", Merchant: "商户", Organization: "机构", Wallet: "钱包",
  Handle: "社交账号", Domain: "域名", Finding: "发现", OWNS: "拥有", HELD_AT: "开户于", REGISTERED_WITH: "注册于", USED_DEVICE: "使用设备",
  CONNECTED_FROM: "登录自", TRANSFER: "转账", EXCHANGED: "兑换", MOVED: "转币", CALLED: "呼叫", TEXTED: "短信", VISITED: "访问", INVOLVES: "涉及",
  name: "名称", number: "号码", kind: "种类", institution: "机构", currency: "币种", status: "状态", region: "地区", opening_balance_minor: "期初余额",
  opened_at_ms: "开户时间", is_blocked: "已封停", carrier: "运营商", activated_at_ms: "激活时间", model: "型号", amount_minor: "金额", at_ms: "时间",
  channel: "渠道", memo: "附言", role: "角色", layer: "层级", score: "得分", reason: "理由", reasons: "理由", against: "反面理由", title: "标题",
  first_seen_ms: "首次", last_seen_ms: "末次", count: "次数", duration_s: "时长（秒）", text: "内容", since_ms: "自", starts_ms: "开始", ends_ms: "结束",
  size: "人数", gender: "性别", birth_date: "出生日期", country: "国家", id_number: "证件号码", category: "类别", chain: "链", platform: "平台",
  victim: "被害人", mule: "跑分账户", caller: "主叫方", unclear: "不明确", collector: "归集账户", cash_out: "取现", member: "成员", hub: "枢纽", exchange: "兑换", payer: "付款人", payee: "收款人", recipient: "收款人", cash_point: "取现点", shared_identifier: "共用标识", seed: "起点", source: "来源", coin: "币种", coin_minor: "币额", received_minor: "到账金额", received_currency: "到账币种", id: "编号", type: "类型",
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
