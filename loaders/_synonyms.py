"""What banks, payment companies and carriers call the properties of the schema, in English and Chinese."""

from __future__ import annotations

#: Headings by type and property, the commonest first; compared by `heading_form` (case, spaces and widths aside).
SYNONYMS: dict[str, dict[str, tuple[str, ...]]] = {
    "TRANSFER": {
        "id": ("id", "transaction id", "transfer id", "txn id", "serial no", "reference", "交易流水号", "流水号", "交易流水", "交易编号", "订单号", "交易单号", "商户订单号", "凭证号"),
        "from_id": ("from id", "from account", "source account", "sender account", "payer account", "debit account", "payer", "from", "付款账号", "付款人账号", "付款方账号", "转出账号", "转出账户", "付款账户", "汇款账号", "付款卡号", "交易账号", "交易卡号", "本方账号", "付方账号"),
        "to_id": ("to id", "to account", "target account", "destination account", "receiver account", "beneficiary account", "payee account", "credit account", "payee", "to", "收款账号", "收款人账号", "收款方账号", "转入账号", "转入账户", "收款账户", "收款卡号", "对手账号", "对方账号", "交易对手账号", "交易对手账卡号", "对手卡号", "收方账号"),
        "amount_minor": ("amount", "amount minor", "transaction amount", "value", "交易金额", "金额", "转账金额", "发生额", "交易金额(元)", "金额(元)", "金额(分)", "交易金额(分)"),
        "currency": ("currency", "ccy", "币种", "交易币种", "货币"),
        "at_ms": ("at ms", "at", "timestamp", "time", "date time", "datetime", "transaction time", "transaction date", "交易时间", "交易日期", "转账时间", "记账时间", "交易时间戳", "时间"),
        "channel": ("channel", "payment format", "payment method", "type", "交易渠道", "渠道", "交易方式", "交易类型"),
        "status": ("status", "state", "交易状态", "状态", "交易是否成功"),
        "memo": ("memo", "remark", "comment", "description", "note", "摘要", "附言", "备注", "交易摘要", "用途"),
    },
    "Account": {
        "id": ("id", "account id", "account", "account number", "account no", "iban", "账号", "账户", "卡号", "银行账号", "银行卡号", "账户号", "客户账号", "交易账号"),
        "name": ("name", "account name", "holder", "holder name", "customer name", "户名", "账户名称", "开户名", "客户姓名", "客户名称", "账户开户名称"),
        "kind": ("kind", "account type", "账户类型", "账户类别"),
        "institution": ("institution", "bank", "bank name", "branch", "开户行", "开户银行", "银行", "银行名称", "开户机构", "所属银行", "开户网点"),
        "currency": ("currency", "ccy", "币种"),
        "status": ("status", "state", "账户状态", "状态"),
        "region": ("region", "city", "province", "地区", "开户地", "所在地"),
        "opening_balance_minor": ("opening balance", "opening balance minor", "balance", "余额", "期初余额", "账户余额"),
        "opened_at_ms": ("opened at ms", "opened at", "open date", "opening date", "开户时间", "开户日期", "开户日"),
        "is_blocked": ("is blocked", "blocked", "frozen", "是否冻结", "冻结标志"),
    },
    "Person": {
        "id": ("id", "person id", "customer id", "客户号", "客户编号", "人员编号"),
        "name": ("name", "person name", "full name", "姓名", "客户姓名"),
        "id_number": ("id number", "id card", "national id", "身份证号", "身份证号码", "证件号码", "证照号码", "证件号"),
        "gender": ("gender", "sex", "性别"),
        "birth_date": ("birth date", "birthday", "date of birth", "出生日期", "生日"),
        "country": ("country", "nationality", "国籍", "国家"),
        "region": ("region", "city", "address", "地区", "籍贯", "户籍地"),
        "is_blocked": ("is blocked", "blocked"),
    },
    "Phone": {
        "id": ("id", "phone", "phone number", "mobile", "msisdn", "手机号", "手机号码", "电话", "电话号码", "号码", "联系电话"),
        "carrier": ("carrier", "operator", "运营商"),
        "kind": ("kind", "号码类型"),
        "region": ("region", "归属地", "号码归属地"),
        "activated_at_ms": ("activated at ms", "activated at", "入网时间", "开卡时间", "激活时间"),
    },
    "CALLED": {
        "id": ("id", "call id", "话单号"),
        "from_id": ("from id", "caller", "calling number", "from", "主叫号码", "主叫", "本机号码"),
        "to_id": ("to id", "callee", "called number", "to", "被叫号码", "被叫", "对方号码", "对端号码"),
        "at_ms": ("at ms", "at", "time", "start time", "timestamp", "通话时间", "开始时间", "通话开始时间", "呼叫时间"),
        "duration_s": ("duration s", "duration", "通话时长", "时长", "通话时长(秒)"),
    },
    "TEXTED": {
        "id": ("id", "message id", "短信编号"),
        "from_id": ("from id", "sender", "from", "发送号码", "发件人", "发送方号码"),
        "to_id": ("to id", "receiver", "recipient", "to", "接收号码", "收件人", "接收方号码"),
        "at_ms": ("at ms", "at", "time", "sent at", "timestamp", "发送时间", "短信时间"),
        "text": ("text", "message", "content", "短信内容", "内容"),
    },
    "USED_DEVICE": {
        "from_id": ("from id", "account", "account id", "账号", "登录账号"),
        "to_id": ("to id", "device", "device id", "imei", "mac", "设备", "设备号", "设备id", "设备指纹", "设备编号"),
        "first_seen_ms": ("first seen ms", "first seen", "首次登录时间"),
        "last_seen_ms": ("last seen ms", "last seen", "login time", "time", "登录时间", "最近登录时间"),
        "count": ("count", "次数", "登录次数"),
    },
    "CONNECTED_FROM": {
        "from_id": ("from id", "account", "account id", "账号", "登录账号"),
        "to_id": ("to id", "ip", "ip address", "ip地址", "登录ip", "登录ip地址"),
        "first_seen_ms": ("first seen ms", "first seen", "首次登录时间"),
        "last_seen_ms": ("last seen ms", "last seen", "login time", "time", "登录时间", "最近登录时间"),
        "count": ("count", "次数", "登录次数"),
    },
    "OWNS": {
        "from_id": ("from id", "person", "person id", "owner", "customer id", "客户号", "身份证号", "证件号码", "客户编号"),
        "to_id": ("to id", "account", "account id", "账号", "卡号", "银行卡号"),
        "since_ms": ("since ms", "since", "开户时间"),
    },
    "REGISTERED_WITH": {
        "from_id": ("from id", "account", "account id", "账号", "卡号"),
        "to_id": ("to id", "phone", "phone number", "mobile", "手机号", "手机号码", "预留手机号"),
        "since_ms": ("since ms", "since", "绑定时间"),
    },
}  # fmt: skip

#: Headings of a transfer file that tell about its ends: side, property, headings.
ENDS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("from", "name", ("from name", "payer name", "sender name", "付款人", "付款户名", "付款人名称", "付款方户名", "付款方名称", "转出户名", "交易户名", "付款人户名", "本方户名")),
    ("from", "institution", ("from bank", "payer bank", "sender bank", "付款行", "付款银行", "付款人开户行", "付款方开户行", "转出行", "交易账号开户行")),
    ("to", "name", ("to name", "payee name", "receiver name", "beneficiary name", "收款人", "收款户名", "收款人名称", "收款方户名", "收款方名称", "对手户名", "对方户名", "转入户名", "收款人户名")),
    ("to", "institution", ("to bank", "payee bank", "receiver bank", "beneficiary bank", "收款行", "收款银行", "收款人开户行", "收款方开户行", "对方开户行", "对手开户银行", "转入行")),
)  # fmt: skip
