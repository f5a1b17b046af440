"""What victims write when they report: clauses of each kind of fraud, joined with words every report shares.

Kinds borrow each other's words (a false shop has a "customer service", a task scam an "app"), so that no single word gives
the kind away. Each kind's clauses come in families: hold out whole families to test on wording never seen.
"""

from __future__ import annotations

import random

OPENINGS = (
    "我昨天被骗了，", "报警人称", "事主反映，", "您好，我想报案，", "上周三下午，", "民警您好，", "", "I want to report a fraud. ",
    "My mother lost her savings. ", "Yesterday afternoon ",
)  # fmt: skip
ENDINGS = (
    "一共转了{m}元。", "后来联系不上对方了。", "对方已把我拉黑。", "损失{m}元，银行卡尾号{n}。", "客服说再交{m}元才能退。", "我用手机银行转的账，截图都在。",
    "I paid {m} in total.", "They blocked me afterwards.", "The account ends in {n}.", "",
)  # fmt: skip
#: label -> families of clauses.
FAMILIES: dict[str, tuple[tuple[str, ...], ...]] = {
    "fake_police": (
        ("对方自称公安局民警，说我名下有张卡涉嫌洗钱", "来电说我身份信息被冒用，要配合办案民警做笔录"),
        ("说我医保卡在外地异常，转接到警方，让我把存款转去核查", "接到电话说快递里有违禁品，随后穿制服的人跟我视频，要求保密"),
        ("检察院发来通缉文书，要我清查资金自证清白", "让我去宾馆开屏幕共享接受调查，说案件机密不能告诉家人"),
        ("a man claiming to be a detective said my identity was used in a crime", "customs said a parcel in my name held drugs and police would arrest me"),
    ),
    "game_trade": (
        ("我在平台卖游戏号，买家说订单被冻结，要充值解冻", "想把账号出掉，对方发了个交易网站让我交保证金"),
        ("孩子买皮肤，对方说未成年要激活码，扫了我的付款码", "低价收点券，付了钱对方就下线"),
        ("公会的人说帮我代练，拿到账号后改了密码", "装备交易时客服说卡号填错，要再付一次"),
        ("I sold my game account and the site said the funds were frozen", "my son bought in-game credit and the seller vanished"),
    ),
    "impersonation": (
        ("老板在群里让会计马上付一笔货款，其实是假的", "领导加我微信，说不方便出面，让我先垫一笔"),
        ("老同学说在外地出了事，借钱周转，后来才知道号被盗", "儿子发消息说手机坏了，换号了，要交培训费"),
        ("自称平台客服，说我开通了会员不取消每月扣费，让我操作关闭", "保险客服来电说百万保障到期会扣钱，教我转账取消"),
        ("someone using my director's name told me to pay an invoice at once", "a text from my daughter's new number asked for rent money"),
    ),
    "investment": (
        ("老师在群里带着买股票，前几次能取出来，后来平台打不开", "下载理财软件跟单，账面赚了很多却不能提现"),
        ("朋友介绍虚拟币，说稳赚，提现要先交税", "网上认识的人教我做外汇，越投越多，客服让补保证金"),
        ("参加新股配售，资金冻结在平台里", "直播间讲师推荐项目，承诺每天返利，现在网站关了"),
        ("the broker's platform showed profits but withdrawals were refused until I paid tax", "a group chat mentor told us which coins to buy"),
    ),
    "loan": (
        ("急用钱申请网贷，客服说卡号填错，要交解冻金", "贷款审批通过但不放款，让我先刷流水"),
        ("对方说可以办低息额度，要先付手续费", "说征信不足，要我转一笔证明还款能力"),
        ("app里显示额度已到账却提不出来，要买会员", "中介包装资料，收了工本费就失联"),
        ("the lender approved me but wanted an insurance payment first", "I borrowed online and had to pay a fee to release the money"),
    ),
    "malware": (
        ("对方让我装一个软件，装完手机自己操作起来，钱被转走", "点了安装包以后屏幕黑了，卡里的钱没了"),
        ("说要开会下载会议应用，同意权限后银行短信被拦截", "手机出现奇怪弹窗，后台有人远程操作"),
        ("二维码扫出来一个应用，打开后密码被改", "家里老人手机被装了东西，夜里自动扣款"),
        ("they had me install a support tool and I watched the cursor move by itself", "after an update from a pop-up my banking app sent money on its own"),
    ),
    "phishing": (
        ("收到短信说积分快到期，点进去填了卡号和短信码", "ETC停用的通知里有网址，按提示输了密码，随后被盗刷"),
        ("邮箱里的补贴通知让我扫码登记银行卡，余额就没了", "网页很像银行官网，登录后收到扣款"),
        ("快递丢件的消息里有链接，填完资料卡被刷", "退税页面要验证身份，输入验证码后少了钱"),
        ("a text about a parcel led to a page where I typed my card details", "the login page looked like my bank and asked for the code"),
    ),
    "romance": (
        ("相亲网站认识的人，聊了两个月，说家里出事借钱", "网上处的对象一直没见面，要机票钱来看我"),
        ("他说自己是国外军官，寄了礼物要我付清关费", "每天聊天很关心我，后来说被困要我帮忙"),
        ("女网友说想和我结婚，先要彩礼和治病的钱", "对方发照片说喜欢我，慢慢开口要钱"),
        ("we met online and he promised to marry me but always needed money for travel", "she wrote every day, then her mother fell ill and I sent money"),
    ),
    "shopping": (
        ("在二手平台看中一台相机，付款后卖家失联", "直播间买的货一直没发，店铺也关了"),
        ("抢演唱会票，加了私人微信付款，没有出票", "低价代购说海关扣货，要补税才发"),
        ("卖家客服说商品有问题要退款赔付，让我操作备用金", "订的口罩收到空包裹，找不到商家"),
        ("I paid a seller for a phone and it never came", "the shop took my money for tickets and closed"),
    ),
    "task_scam": (
        ("拉进群给主播点赞，先返了几十块，后面要垫钱做大单", "兼职刷单，前三单都返了，第四单说要连做才能提"),
        ("说在家就能赚钱，下载应用领任务，操作错了要补数据", "接待员派单，越做垫得越多，钱取不出来"),
        ("关注店铺有佣金，福利单要先付本金", "给酒店写好评返现，最后说积分不足不给提现"),
        ("I rated hotels for commission and had to top up to finish the set", "an online job paid me for likes, then wanted deposits for bigger jobs"),
    ),
    "": (
        ("银行卡丢了想挂失", "邻居半夜装修太吵"), ("邻居欠我房租不还", "快递员把包裹放错了驿站"),
        ("超市结账多收了钱", "手机在公交车上被偷"), ("my wallet was stolen on the bus", "the plumber never came back to finish the job"),
    ),
}  # fmt: skip


def lead_text(label: str, families: tuple[int, ...], dice: random.Random) -> str:
    """One report of this kind (empty: none of them) from clauses of these families (0 to 3)."""
    pool = [clause for family in families for clause in FAMILIES[label][family]]
    clauses = dice.sample(pool, min(len(pool), 1 + (dice.random() < 0.35)))
    text = dice.choice(OPENINGS) + "，".join(clauses) + "。" + dice.choice(ENDINGS)
    return text.replace("{m}", str(dice.randrange(1, 900) * 100)).replace("{n}", str(dice.randrange(1000, 9999)))
