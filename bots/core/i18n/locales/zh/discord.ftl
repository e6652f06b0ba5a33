### 仅在 Discord 上使用的文字。

## Discord

discord-menu-stylize = 转换风格
discord-command-style = 把图片变成名画风格
discord-option-image = 图片
discord-describe-image = 要转换风格的图片、动图或视频
discord-option-style = 风格
discord-describe-style = 风格或画家，例如 梵高；也可以混合，例如 wave+kiss
discord-option-how = 选项
discord-describe-how = 0 到 100 的数字，或选择建议的选项
discord-option-private = 仅自己可见
discord-describe-private = 结果仅自己可见
discord-command-story = 把照片做成短片，看它们变成画
discord-describe-first = 第一张照片
discord-describe-next = 另一张照片
discord-option-shape = 画面比例
discord-describe-shape = 宽高比；不选则接近第一张照片
discord-option-seconds = 秒数
discord-describe-seconds = 短片长度，6 到 30 秒
discord-option-caption = 文字
discord-describe-caption = 画面底部的文字，最多 120 个字符
discord-command-styles = 查看全部风格
discord-command-mystyles = 你的自定义风格
discord-command-mystyles-add = 用图片创建自定义风格
discord-command-mystyles-list = 查看或删除自定义风格
discord-command-history = 最近的结果，可以重新生成
discord-command-settings = 默认风格、语言和其他设置
discord-command-server = 管理员：本服务器的风格、限额和语言
discord-command-privacy = 保存哪些数据，保存多久
discord-command-export = 导出你的所有数据
discord-command-forget = 删除你的所有数据
discord-command-cancel = 取消你排队中的图片
discord-command-help = 使用说明
discord-help =
    ## stylebot
    我可以把图片变成名画风格。
    - 使用 **/style** 并附上图片、动图或视频。
    - **/story** 附上最多十张照片，可做成短片。结果下方的**短片**按钮只用一张。
    - 右键点击带图片的消息，选择**应用 › 转换风格**。
    - 提及我并附上图片，或直接把图片发给我。
    - 可以写明风格或画家：“画成梵高的风格”。
    - 在结果下方可以更换风格、调整设置、获取原尺寸，或对比原图。
    - **/styles** 查看全部风格，**/mystyles add** 用你的图片创建风格。
    - **/history**、**/settings**、**/cancel**；管理员可用 **/server**。
    - **/privacy**、**/export**、**/forget**。
discord-alt = “{ $title }”风格的图片
discord-alt-before = 目前的结果
discord-another-style = 换个风格……
discord-adjust = 调整
discord-hd = 高清文件
discord-compare = 对比
discord-film = 短片
discord-compared = **{ $title }** · 原图与效果图
discord-before = 原图
discord-after = 效果图
discord-share = 分享到频道
discord-delete = 删除
discord-cancel = 取消
discord-cancelled =
    { $count ->
        [0] 你没有排队中的图片。
       *[other] 已取消 { $count } 个请求。
    }
discord-hello = 你好！发一张照片给我，我会展示几种风格的效果。也可以直接写画家的名字。
discord-adult = 图片来自有年龄限制的频道，而本频道没有年龄限制。
discord-made-smaller = 为符合 Discord 的大小限制，已缩小到 { $width } × { $height } 像素。
discord-no-photo = 没有找到可以读取的图片。请在同一条消息里提及我并附上图片。也可以右键点击带图片的消息，选择应用 › 转换风格。
discord-choose-style = 选择哪种风格？
discord-choose-picture = 选择哪张图片？
discord-picture = 第 { $number } 张
discord-all-pictures = 全部
discord-as-default = 设为我的默认风格
discord-only-me = 仅自己可见
discord-none = 无
discord-styles = 风格
discord-own-styles = 你的自定义风格
discord-own-add = 添加风格
discord-own-remove = 删除风格……
discord-own-title = 自定义风格
discord-own-name = 名称
discord-own-picture = 风格图
discord-history = 最近的结果
discord-choose-entry = 选择一个结果……
discord-show = 查看
discord-again = 重新生成
discord-entry-removed = 已从历史记录中删除。
discord-export = 导出
discord-exported = 你的所有数据。此消息仅你可见。
discord-forget = 删除我的所有数据
discord-forget-asks = 要删除 { $history } 条记录、{ $styles } 个自定义风格、{ $jobs } 个请求和你的设置吗？排队中的请求将被取消。
discord-forget-yes = 是的，删除
discord-forget-no = 保留
discord-forget-kept = 未删除任何数据。
discord-settings = 设置
discord-set-style = 默认风格
discord-set-file = 发送高清文件
discord-set-history = 保存历史记录
discord-no-default = 不设默认风格
discord-language-of-discord = 跟随 Discord
discord-set-repaintable = 允许别人转换我的图片
discord-own-submit = 申请公开一个风格……
discord-own-waits = 待审核
discord-own-submitted = “{ $name }”已提交。审核通过前仅你可用。
discord-command-admin = 仅限机器人管理员
discord-describe-admin-user = Discord 用户
discord-admin-painting = 正在生成预览……
discord-admin-file-too-large = 文件超过了 Discord 在这里的大小限制。请在限制更高的服务器导出。
