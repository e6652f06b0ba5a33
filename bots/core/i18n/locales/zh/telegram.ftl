### 仅在 Telegram 上使用的文字。

## 结果

style-submitted = “{ $name }”已提交给管理员。通过之前只有你能用。通过之后，即使你删除自己的数据，它也会保留。

## 按钮

button-cancel = ✖ 取消
button-surprise = 🎲 随机一个
button-more = 更多…
button-adjust = 调整
button-file = 高清文件
button-compare = 对比
button-share = 分享
button-styles = 🖼 风格
button-settings = ⚙ 设置
button-privacy = 🔒 隐私
button-add-to-group = ➕ 加到群组
button-open-private = 打开
button-default = 设为我的常用风格
button-as-file = 结果以文件发送
button-history = 保存作画记录
button-styles-here = 本群可用风格：{ $count }
button-this-topic = 仅限本话题
button-repaintable = 别人可以用我的照片作画
button-export = 导出
button-forget = 删除我的数据
button-forget-all = 是的，全部删除
button-keep-all = 不，保留

## 命令

command-style = 给照片作画：/style wave 70
command-styles = 用图片展示所有风格
command-mystyle = 自己的风格：/mystyle add 名称
command-history = 你最近的作品
command-settings = 你的偏好设置
command-cancel = 取消排队中的请求
command-help = 我能做什么
command-privacy = 我保存什么、保存多久
command-export = 我保存的你的全部数据
command-forget = 删除我保存的你的全部数据
command-start = 开始
bot-short = 发来照片，还你一幅画。
bot-description = 发一张照片给我，几秒钟就能变成一幅画。可以选梵高、北斋、克里姆特等许多画家的风格。你喜欢的任何图片也都可以当作风格。在群里，用 /style 回复照片就行。

## 管理

admin-reply = 请回复这条消息。
admin-skip = 不填，继续
admin-no-answer = 这个问题来自我的旧版本，请再按一次按钮。

## Telegram

telegram-welcome =
    发一张照片给我，我把它画成一幅画。
    任何图片都可以当作风格：用 /mystyle add 名称 回复它。
telegram-help =
    发照片再选风格，或者直接写上：/style 梵高 70
    混合风格：/style kiss:2+scream
    用 /style this 回复一张图片，就用它的风格。
    /styles 展示所有风格，/mystyle add 名称 把图片变成你自己的风格。
    /history · /settings · /cancel · /privacy · /export · /forget
telegram-help-group =
    用 /style 回复照片，也可以写上风格：/style 梵高 70
    /styles 展示所有风格。管理员：/settings
telegram-added = 用 /style 回复照片。管理员：/settings。
choose-style =
    { $count ->
        [1] 想要哪种风格？点一个，或者写出它的名字。
       *[other] 这 { $count } 张照片想要哪种风格？点一个，或者写出它的名字。
    }
telegram-styles = 点一个看看。
telegram-styles-group = 点一个看看。想用它，就用 /style 加名字回复照片。
telegram-default-style = 没有写明风格时用哪一种？
telegram-allowed-styles = 这里允许哪些风格？
telegram-prefers = “{ $title }”现在是你的常用风格。发照片给我吧。
telegram-style-ready = 现在在这里发一张照片，并写上 /style { $name }。
telegram-this-ready = 我记住了它的风格。现在发照片，附上 /style this。
telegram-own-styles =
    { $count ->
        [0] 你还没有自己的风格。用 /mystyle add 名称 回复一张图片。
       *[other] 你自己的风格：
    { $names }
    用 /mystyle delete 名称 删除。
    }
telegram-for = 画给 { $name }
telegram-album = { $title } · { $count } 张照片
telegram-no-comparison = 这两张无法并排显示。
telegram-deleted = 已删除。
telegram-cancelled =
    { $count ->
        [0] 你没有排队中的请求。
       *[other] 已放弃 { $count } 个请求。
    }
telegram-in-private = 这个只能在我们的私聊里看。
telegram-history = 你最近的作品：查看、重画或删除。
telegram-no-history = 还没有。发一张照片给我吧。
telegram-settings = 你喜欢怎样？
telegram-chat-settings = 本群怎样设置？
telegram-export = 我保存的你的全部数据。
telegram-forget = 这会删除 { $history } 条记录、{ $styles } 个自己的风格、{ $jobs } 个请求和你的设置。聊天里的消息会保留。
telegram-inline-none = 没有相符的结果。先画一张照片吧
