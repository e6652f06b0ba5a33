### 仅在 Discord 上使用的文字。

## Discord

discord-menu-stylize = 绘画风格
discord-command-style = 把图片重画成名画的风格
discord-option-image = 图片
discord-describe-image = 要重画的图片
discord-option-style = 风格
discord-describe-style = 风格或画家，如 梵高；也可以混合，如 wave+kiss
discord-option-how = 选项
discord-describe-how = 从 0 到 100 的数字，或者候选的选项
discord-option-private = 私密
discord-describe-private = 是否只有你能看到结果
discord-command-styles = 查看全部风格
discord-command-mystyles = 你自己的风格
discord-command-mystyles-add = 用一张图片做你自己的风格
discord-command-mystyles-list = 查看或删除你自己的风格
discord-command-history = 你的作画记录，可以再画一次
discord-command-settings = 常用风格、设置、语言等
discord-command-server = 管理员：本服务器的风格、限制和语言
discord-command-privacy = 我保存什么，保存多久
discord-command-export = 把我保存的你的全部数据导出成文件
discord-command-forget = 删除我保存的你的全部数据
discord-command-cancel = 取消你正在排队的图片
discord-command-help = 我会做什么
discord-help =
    ## stylebot
    我把图片画成名画的风格。
    - 用 **/style** 并附上图片。
    - 右键点击带图片的消息，选择**应用 › 绘画风格**。
    - 提及我并附上图片，或者直接发图片给我。
    - 可以写出风格或画家：“画成梵高的风格”。
    - 在结果下方可以换风格、改设置，也可以看原始尺寸和前后对比。
    - **/styles** 查看全部风格，**/mystyles add** 用你的图片做风格。
    - **/history**、**/settings**、**/cancel**；管理员可用 **/server**。
    - **/privacy**、**/export**、**/forget**。
discord-alt = 以“{ $title }”风格绘制的图片
discord-alt-before = 目前的结果
discord-another-style = 换一个风格……
discord-adjust = 调整
discord-hd = 高清文件
discord-compare = 对比
discord-compared = **{ $title }** · 前后对比
discord-before = 之前
discord-after = 之后
discord-share = 分享到频道
discord-delete = 删除
discord-cancel = 取消
discord-cancelled =
    { $count ->
        [0] 你没有正在排队的图片。
       *[other] 已取消 { $count } 个请求。
    }
discord-hello = 你好！发一张照片给我，我先给你看几种风格的样子。也可以直接写出画家的名字。
discord-adult = 它来自有年龄限制的频道，而这个频道没有限制。
discord-made-smaller = 为了符合 Discord 的大小限制，已缩小到 { $width } × { $height } 像素。
discord-no-photo = 我没有看到可以读取的图片。请把图片和提及一起发来。也可以右键点击带图片的消息，选择应用 › 绘画风格。
discord-choose-style = 要哪个风格？
discord-choose-picture = 要哪张图片？
discord-picture = 第 { $number } 张
discord-all-pictures = 全部
discord-as-default = 设为我的常用风格
discord-only-me = 只有我能看到
discord-none = 无
discord-all = 全部
discord-styles = 风格
discord-own-styles = 你自己的风格
discord-own-add = 添加
discord-own-remove = 删除……
discord-own-title = 你自己的风格
discord-own-name = 名字
discord-own-picture = 哪张图片的风格
discord-history = 你的作画记录
discord-choose-entry = 选择一个……
discord-show = 查看
discord-again = 再画一次
discord-entry-removed = 它已不在你的记录里。
discord-export = 导出
discord-exported = 我保存的你的全部数据。只有你能看到。
discord-forget = 删除我的数据
discord-forget-asks = 要删除 { $history } 条记录、{ $styles } 个自己的风格、{ $jobs } 个请求和你的设置吗？正在排队的会被取消。
discord-forget-yes = 是的，删除
discord-forget-no = 保留
discord-forget-kept = 什么都没有删除。
discord-settings = 设置
discord-set-style = 常用风格
discord-set-file = 高清文件
discord-set-history = 保存记录
discord-no-default = 不设常用风格
discord-language-of-discord = Discord 的语言
discord-language-of-each = 各人自己的语言
discord-server = 本服务器
discord-srv-allowed = 这里允许的风格
discord-srv-allow-all = 全部允许
discord-srv-admins = 仅限管理员
discord-srv-quiet = 只发结果
discord-srv-own = 自己的风格
discord-srv-open = 开放按钮
discord-srv-waiting = 每人排队数
discord-srv-minute = 每分钟
discord-set-repaintable = 允许别人重画我的图片
discord-own-submit = 提交一个给所有人……
discord-own-waits = 等待管理员审核
discord-own-submitted = “{ $name }”已提交。在管理员同意之前，它仍只属于你。
discord-srv-check =
    { $state ->
        [missing] 图片检查 · 未安装
        [spoiler] 图片检查 · 遮盖
        [refuse] 图片检查 · 拒绝
       *[off] 图片检查 · 关闭
    }
discord-command-admin = 仅供机器人的管理员使用
discord-describe-admin-user = Discord 上的一个人
discord-admin-painting = 正在画预览……
discord-admin-file-too-large = 文件超过了这里 Discord 的大小限制。请在限制更高的服务器导出。
